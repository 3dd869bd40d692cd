//! posts_life
