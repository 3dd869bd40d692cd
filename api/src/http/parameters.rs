//! Parameters in paths and queries.
//!
//! poem-openapi binds path parameters by their position. Here the first is always the village and bound by the extractors
//! of `authority`; the second, if there is one, is an [`Item`]. What belongs to no village has a [`Sole`] one at most.

use crate::problem::{Problem, ProblemKind};
use crate::text::Text;
use poem::{Request, RequestBody, Result};
use poem_openapi::registry::{MetaParamIn, MetaSchema, MetaSchemaRef};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use std::str::FromStr;

/// The second path parameter: the identifier or name of something in a village. What cannot be one is not found.
pub struct Item<T>(pub T);

impl<'a, T: FromStr + Send> ApiExtractor<'a> for Item<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    const PARAM_IS_REQUIRED: bool = true;

    type ParamType = String;
    type ParamRawType = String;

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Path)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(MetaSchemaRef::Inline(Box::new(MetaSchema::new("string"))))
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<String>,
    ) -> Result<Self> {
        let text = request.raw_path_param("param1").ok_or_else(Problem::not_found)?;
        Ok(Self(text.parse().map_err(|_| Problem::not_found())?))
    }
}

/// The third path parameter: the identifier or number of something that belongs to an [`Item`]. What cannot be one is not found.
pub struct Nested<T>(pub T);

impl<'a, T: FromStr + Send> ApiExtractor<'a> for Nested<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    const PARAM_IS_REQUIRED: bool = true;

    type ParamType = String;
    type ParamRawType = String;

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Path)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(MetaSchemaRef::Inline(Box::new(MetaSchema::new("string"))))
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<String>,
    ) -> Result<Self> {
        let text = request.raw_path_param("param2").ok_or_else(Problem::not_found)?;
        Ok(Self(text.parse().map_err(|_| Problem::not_found())?))
    }
}

/// The only path parameter of an operation that belongs to no village. What cannot be one is not found.
pub struct Sole<T>(pub T);

impl<'a, T: FromStr + Send> ApiExtractor<'a> for Sole<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    const PARAM_IS_REQUIRED: bool = true;

    type ParamType = String;
    type ParamRawType = String;

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Path)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(MetaSchemaRef::Inline(Box::new(MetaSchema::new("string"))))
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<String>,
    ) -> Result<Self> {
        let text = request.raw_path_param("param0").ok_or_else(Problem::not_found)?;
        Ok(Self(text.parse().map_err(|_| Problem::not_found())?))
    }
}

/// The `limit` of a list: 1 to 100, 20 unless told.
pub struct Limit;

impl Limit {
    /// Unless told.
    pub const USUAL: u32 = 20;

    /// The most.
    pub const MOST: u32 = 100;

    /// Checks the parameter.
    ///
    /// # Errors
    /// 400 outside 1 to 100.
    pub fn of(limit: Option<u32>) -> Result<u64, Problem> {
        match limit.unwrap_or(Self::USUAL) {
            limit @ 1..=Self::MOST => Ok(limit.into()),
            _ => Err(Problem::with_fault(
                ProblemKind::InvalidParameter,
                "limit",
                Text::new("muss zwischen 1 und 100 liegen", "must be between 1 and 100"),
            )),
        }
    }
}
