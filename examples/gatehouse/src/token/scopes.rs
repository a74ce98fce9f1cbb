use crate::users::Role;

/// Something that a token can be good for.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// Whom it is granted to; `None` for everybody.
    of: Option<Role>,
}

impl Scope {
    fn is_for(&self, role: Role) -> bool {
        self.of.is_none_or(|needed| needed == role)
    }
}

/// The scopes of `asked_for`, each once; or the first that is none, or that is not for `role`.
pub(super) fn granted(asked_for: &str, role: Role) -> Result<String, InvalidScope> {
    let mut granted = Vec::new();
    for name in asked_for.split(' ').filter(|name| !name.is_empty()) {
        let scope = SCOPES.iter().find(|scope| scope.name == name && scope.is_for(role));
        let scope = scope.ok_or(InvalidScope)?;
        if !granted.contains(&scope.name) {
            granted.push(scope.name);
        }
    }
    Ok(granted.join(" "))
}

/// Nothing that could be granted, or not to whom asks. Which of both is nobody's business.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct InvalidScope;

pub(crate) const ORDERS_READ: &str = "orders:read";
pub(crate) const ORDERS_READ_ALL: &str = "orders:read-all";

pub(super) const SCOPES: [Scope; 2] = [
    Scope { name: ORDERS_READ, about: "see your orders", of: None },
    Scope {
        name: ORDERS_READ_ALL,
        about: "see everybody's, for administrators alone",
        of: Some(Role::Admin),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_granted_to_whom_it_is_for() {
        let rows = [
            ("none", "", Role::Customer, Ok("")),
            ("spaces alone", "  ", Role::Customer, Ok("")),
            ("one", "orders:read", Role::Customer, Ok("orders:read")),
            ("twice", "orders:read  orders:read", Role::Customer, Ok("orders:read")),
            (
                "an administrator's",
                "orders:read-all orders:read",
                Role::Admin,
                Ok("orders:read-all orders:read"),
            ),
            ("somebody else's", "orders:read-all", Role::Customer, Err(InvalidScope)),
            ("one among others", "orders:read orders:read-all", Role::Customer, Err(InvalidScope)),
            ("unknown", "orders:write", Role::Admin, Err(InvalidScope)),
            ("in another case", "Orders:read", Role::Admin, Err(InvalidScope)),
            ("no scope at all", "\"", Role::Admin, Err(InvalidScope)),
        ];
        for (name, asked_for, role, expected) in rows {
            assert_eq!(granted(asked_for, role), expected.map(str::to_owned), "{name}");
        }
    }
}
