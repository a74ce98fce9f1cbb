/// What changes more than one thing, or changes one by what it is, in one atomic step at the server.
///
/// Every key is declared and lies in the slot of its partition, so scripts run on a Cluster and on servers that allow no
/// other. They need Redis 6.2 or Valkey 7.2 and nothing newer.
#[derive(Debug)]
pub(crate) struct Script {
    hash: String,
    code: String,
}

impl Script {
    fn new(body: &str) -> Self {
        let code = [include_str!("script/prelude.lua"), body].concat();
        Self { hash: redis::Script::new(&code).get_hash().to_owned(), code }
    }

    /// By what a server that has it knows it.
    pub(crate) fn hash(&self) -> &str {
        &self.hash
    }

    /// What a server that does not have it is told.
    pub(crate) fn code(&self) -> &str {
        &self.code
    }
}

/// All scripts, each compiled by a server once.
#[derive(Debug)]
pub(crate) struct Scripts {
    pub(crate) create: Script,
    pub(crate) replace: Script,
    pub(crate) extend: Script,
    pub(crate) remove: Script,
    pub(crate) remove_again: Script,
    pub(crate) remove_all: Script,
    pub(crate) trim: Script,
}

impl Scripts {
    pub(crate) fn new() -> Self {
        Self {
            create: Script::new(include_str!("script/create.lua")),
            replace: Script::new(include_str!("script/replace.lua")),
            extend: Script::new(include_str!("script/extend.lua")),
            remove: Script::new(include_str!("script/remove.lua")),
            remove_again: Script::new(include_str!("script/remove_again.lua")),
            remove_all: Script::new(include_str!("script/remove_all.lua")),
            trim: Script::new(include_str!("script/trim.lua")),
        }
    }

    pub(crate) fn each(&self) -> [&Script; 7] {
        let Self { create, replace, extend, remove, remove_again, remove_all, trim } = self;
        [create, replace, extend, remove, remove_again, remove_all, trim]
    }
}
