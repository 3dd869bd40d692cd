//! What we promise, and the means to prove it: a kit that starts the real server between a real mail server and a real push
//! service, and actors who use it as people do. The promises themselves are in `stories/`.

pub mod kit;
