//! What more than one file of this module decides.

mod stored_bytes;
