//! Which databases have their timeline open in this process, and how many connections use it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use once_cell::sync::Lazy;

use super::timeline::Timeline;
use crate::Result;
use crate::backends::live::Identity;

/// A place for the timeline of one database.
#[derive(Default)]
pub(super) struct Entry {
    users: Mutex<Users>,
}

#[derive(Default)]
pub(super) struct Users {
    count: usize,
    timeline: Option<Arc<Timeline>>,
    /// The entry is not in the directory any more.
    gone: bool,
}

static DIRECTORY: Lazy<Mutex<HashMap<Identity, Arc<Entry>>>> = Lazy::new(Mutex::default);

fn directory() -> MutexGuard<'static, HashMap<Identity, Arc<Entry>>> {
    // Nothing that holds it can be left half done.
    DIRECTORY.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Entry {
    fn users(&self) -> MutexGuard<'_, Users> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One user of a timeline.
pub(super) struct Membership {
    identity: Identity,
    entry: Arc<Entry>,
    timeline: Arc<Timeline>,
    left: bool,
}

impl Membership {
    /// Use the timeline of a database, which is opened if nobody has it open.
    pub(super) fn new(identity: Identity, open: impl FnOnce() -> Result<Timeline>) -> Result<Self> {
        let entry = loop {
            let entry = Arc::clone(directory().entry(identity.clone()).or_default());
            if !entry.users().gone {
                break entry;
            }
        };
        let mut users = entry.users();
        if users.gone {
            drop(users);
            return Self::new(identity, open);
        }
        let timeline = match &users.timeline {
            Some(timeline) => Arc::clone(timeline),
            None => {
                let opened = open();
                if opened.is_err() {
                    users.gone = true;
                    directory().remove(&identity);
                }
                Arc::clone(users.timeline.insert(opened?.shared()))
            }
        };
        users.count += 1;
        drop(users);
        Ok(Membership { identity, entry, timeline, left: false })
    }

    pub(super) fn timeline(&self) -> &Arc<Timeline> {
        &self.timeline
    }

    /// Stop using it. `close` is called if there is no other user, and nobody can become one meanwhile.
    pub(super) fn leave(&mut self, close: impl FnOnce(&Timeline) -> Result<()>) -> Result<()> {
        if std::mem::replace(&mut self.left, true) {
            return Ok(());
        }
        let mut users = self.entry.users();
        users.count -= 1;
        if users.count > 0 {
            return Ok(());
        }
        let result = close(&self.timeline);
        self.timeline.unlock();
        users.gone = true;
        users.timeline = None;
        directory().remove(&self.identity);
        result
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        let _ = self.leave(|_| Ok(()));
    }
}

/// Is the timeline of this database open here?
pub(super) fn contains(identity: &Identity) -> bool {
    directory().contains_key(identity)
}

/// The timeline of this database, if it is open here.
pub(super) fn find(identity: &Identity) -> Option<Arc<Timeline>> {
    let entry = directory().get(identity).cloned()?;
    entry.users().timeline.clone()
}
