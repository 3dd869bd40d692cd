//! Speaking HTTP: the accept loop, the edge every request passes, and the shapes of bodies, answers and cursors.

mod answer;
mod body;
mod calendar_body;
mod cursor;
mod device;
mod document;
mod edge;
mod events;
mod file;
mod headers;
mod objects;
mod offers;
mod page;
mod page_name;
mod parameters;
mod patience;
mod public;
mod server;
mod upload;

pub use answer::{Accepted, Answer, Empty};
pub use body::{Body, BodyIfGiven, Form, FormOf};
pub use calendar_body::CalendarBody;
pub use cursor::Cursors;
pub use device::Device;
pub use document::{Atom, Calendar, JsonFeed, LinkedData, PublicDocument, Rss};
pub use edge::edge;
pub use events::{EventStream, LastEvent};
pub use file::{AskedFile, FileAnswer, FileHead, Keeping, Showing};
pub use headers::{ClientAddress, Conditional, ConditionalIfGiven, Idempotent};
pub use offers::Offers;
pub use page::{Download, HtmlPage, TextPage};
pub use page_name::{PageKey, PageName};
pub use parameters::{Item, Limit, Nested, Sole};
pub use public::{Asked, CalendarDocument, PageCache, Public, PublicPage};
pub use server::{Limits, serve};
pub use upload::{Spooled, Upload, UploadLimits};
