use std::{collections::HashMap, fmt};

use argon2::password_hash::phc::PasswordHash;

use crate::password::{HashError, hash};

/// Everybody who may log in.
#[derive(Debug)]
pub(crate) struct Users(HashMap<&'static str, User>);

/// Somebody who may log in.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) name: &'static str,
    pub(crate) full_name: &'static str,
    pub(crate) role: Role,
    pub(crate) password_hash: PasswordHash,
}

/// What somebody is to the shop.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Role {
    Admin,
    Customer,
}

impl Users {
    pub(crate) fn demonstration() -> Result<Self, HashError> {
        let users = DEMONSTRATION.iter().map(|user| {
            let known = User {
                name: user.name,
                full_name: user.full_name,
                role: user.role,
                password_hash: hash(user.password)?,
            };
            Ok((user.name, known))
        });
        users.collect::<Result<_, _>>().map(Self)
    }

    /// Everybody, in the order in which they are greeted.
    pub(crate) fn all(&self) -> impl Iterator<Item = &User> {
        DEMONSTRATION.iter().filter_map(|user| self.find(user.name))
    }

    pub(crate) fn find(&self, name: &str) -> Option<&User> {
        self.0.get(name)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Admin => "admin",
            Self::Customer => "customer",
        })
    }
}

/// A user whose password everybody may know.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Demonstration {
    pub(crate) name: &'static str,
    pub(crate) full_name: &'static str,
    pub(crate) password: &'static str,
    pub(crate) role: Role,
}

pub(crate) const DEMONSTRATION: [Demonstration; 2] = [
    Demonstration { name: "ada", full_name: "Ada Lovelace", password: "lovelace", role: Role::Customer },
    Demonstration { name: "alan", full_name: "Alan Turing", password: "turing", role: Role::Admin },
];
