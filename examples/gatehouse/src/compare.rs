//! JWT against PASETO on the machine that the site runs on: what one should choose, and what each costs there.
//!
//! The figures are those of [`portcullis_compare`], and so is the recommendation. What is here is how a site that anybody may visit
//! offers something that keeps all cores busy for some seconds: one at a time, on threads of its own, and not again within a minute.
//!
//! `answers` reads the three questions' answers from the query, `measurement` decides what becomes of a press of the button (pure),
//! `measuring` runs it, `figures` says what was measured of a choice, and `page` shows all of it.

mod answers;
mod figures;
mod measurement;
mod measuring;
mod page;

pub(crate) use measuring::Measuring;
pub(crate) use page::{json, measure, page};
