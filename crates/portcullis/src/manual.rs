//! The manual: what one needs beside the pages of the single items.
//!
//! | page | answers |
//! | --- | --- |
//! | [`sessions`] | how do I log somebody in, remember them, list their devices, end their sessions? |
//! | [`choosing`] | a session, a JWT or a PASETO? |
//! | [`tokens`] | how do I verify bearer tokens, issue them, take them back, change their keys or their format? |
//! | [`layer_order`] | which layer goes where, and how do I notice that one is in the wrong place? |
//! | [`defaults`] | what did I get by writing nothing, why, and what gets weaker if I change it? |
//! | [`threats`] | which attack is stopped by what, which test shows it, and what remains? |
//! | [`limits`] | how large, how many, how often? |
//!
//! The pages have no items. Read [`sessions`] and [`layer_order`] before you write, the others before you deploy.

#[doc = include_str!("manual/choosing.md")]
pub mod choosing {}

#[doc = include_str!("manual/defaults.md")]
pub mod defaults {}

#[doc = include_str!("manual/layer_order.md")]
pub mod layer_order {}

#[doc = include_str!("manual/limits.md")]
pub mod limits {}

#[doc = include_str!("manual/sessions.md")]
pub mod sessions {}

#[doc = include_str!("manual/threats.md")]
pub mod threats {}

#[doc = include_str!("manual/tokens.md")]
pub mod tokens {}
