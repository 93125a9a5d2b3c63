//! The protocol of the timeline as a model, of which every state is looked at: whatever writers, readers, the checkpointer and the
//! pruner do at the same time, and whenever the power is cut or the process killed, nothing is lost that must not be. The model is
//! wrong on purpose as well, in all ways that have a name, and each of these must be noticed.
//!
//! A page holds the number of the commit that wrote it. A step is what the real code does without letting others in, or without
//! anybody who could tell the difference. What is left out: restarts of the log (here a frame has the number of its commit, and frames
//! up to `backfilled` are not looked for), the writer's own snapshot (it only makes others wait), sealing a segment early, and
//! the bytes of page 1 that keep others out.

use stateright::{Checker, HasDiscoveries, Model, Property};

const PAGES: usize = 2;
const COMMITS: usize = 4;
const READERS: usize = 2;

/// The pages that each commit writes, as bits.
const WRITES: [u8; COMMITS + 1] = [0, 0b11, 0b01, 0b10, 0b11];

/// The commit that wrote what a page holds after `commit`; 0 if none did.
fn version(page: usize, commit: u8) -> u8 {
    (1..=commit).rev().find(|one| WRITES[usize::from(*one)] >> page & 1 == 1).unwrap_or(0)
}

/// What is done in another order than it must be, or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bug {
    /// A commit is acknowledged before it is synced.
    AcknowledgeUnsynced,
    /// What is going to be written counts as written, so that a sync meanwhile takes it for synced.
    CountBeforeWriting,
    /// A checkpoint does not wait for the log to be synced.
    CopyUnsynced,
    /// A checkpoint without syncs does not wait for the log to be written.
    CopyHeld,
    /// A checkpoint goes beyond the snapshots of readers.
    CopyPastReaders,
    /// The mark says that commits are in the database file before that is synced.
    MarkBeforeFileSync,
    /// Commits are forgotten that a reader needs.
    PruneUnderReaders,
    /// Commits are forgotten that the database file may lack.
    PruneUncopied,
    /// Segments are removed before the name of the base is durable.
    RemoveBeforeBaseIsDurable,
    /// After the process was killed, segments are removed for a base whose name may not be durable.
    RemoveLeftoversUnsynced,
}

/// As in `state`: the database file has the commits up to `copied`, and those up to `durable` are durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
struct Mark {
    copied: u8,
    durable: u8,
}

/// A page of the database file: what it holds, and, as bits, what it may hold after a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Page {
    now: u8,
    left: u8,
}

impl Page {
    fn left(self) -> impl Iterator<Item = u8> {
        (0..=COMMITS as u8).filter(move |version| self.left >> version & 1 == 1)
    }
}

/// What is in files, and what of that is synced.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Disk {
    /// Commits whose bytes are in segments, and how many of them are synced.
    written: u8,
    synced: u8,
    /// What the record of each commit says was synced before.
    claims: [u8; COMMITS + 1],
    file: [Page; PAGES],
    /// Those that a power cut may leave; the last one is what is there now.
    marks: Vec<Mark>,
    /// Which segments and bases have a name: see [`segment_name`] and [`base_name`].
    names: u16,
    /// Those that have one durably. Where this differs from `names`, a power cut leaves the one or the other.
    names_synced: u16,
}

/// What a power cut leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Left {
    /// Whole commits, as bits.
    commits: u16,
    pages: [u8; PAGES],
    mark: Mark,
    names: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Sync {
    Idle,
    /// `Store::target()` has said what to do. `listed`: the last segment is among `Store::unsynced`.
    Target {
        commit: u8,
        listed: bool,
    },
    /// What was held is written; so much was counted as written before.
    Written {
        commit: u8,
        counted: u8,
    },
    /// `Target::sync()` is done.
    Done {
        commit: u8,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Checkpoint {
    Idle,
    /// Waits until the log is durable up to `target`.
    Syncing {
        safe: u8,
        target: u8,
    },
    Copying {
        safe: u8,
        page: u8,
    },
    /// The file is synced.
    FileSynced {
        safe: u8,
    },
    /// Others see that the frames are in the file.
    Backfilled {
        safe: u8,
    },
    /// The mark is written, and the file is not synced.
    MarkedEarly {
        safe: u8,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Prune {
    Idle,
    /// `last_not_needed()` has looked at the mark.
    Looked {
        copied: u8,
    },
    /// Waits until everything is durable up to `target`.
    Syncing {
        fold: u8,
        target: u8,
    },
    /// The base has its name.
    Named {
        fold: u8,
    },
    /// Durably.
    Durable {
        fold: u8,
    },
    Removing {
        fold: u8,
    },
}

/// Frames of the commits behind `first`, up to `last`; else the database file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Snapshot {
    first: u8,
    last: u8,
}

/// All that there is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct World {
    disk: Disk,
    /// A writer holds the lock of the store, in the midst of a commit.
    writing: bool,
    /// As in `Store`: the last commit; what was counted as written, and as synced; whether the last segment is in `unsynced`; and
    /// `synced`, for the records.
    committed: u8,
    counted: u8,
    counted_synced: u8,
    listed: bool,
    claim: u8,
    /// `Durable::commit`.
    durable: u8,
    /// The last commit that was acknowledged, ever.
    acknowledged: u8,
    backfilled: u8,
    /// In ascending order: they are alike.
    readers: [Option<Snapshot>; READERS],
    sync: Sync,
    checkpoint: Checkpoint,
    prune: Prune,
    /// The base that the timeline was opened with.
    base: u8,
    /// After a power cut, or after the process was killed.
    reopened: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    BeginCommit,
    EndCommit,
    Sync,
    Checkpoint,
    Prune,
    BeginRead(usize),
    EndRead(usize),
    PowerCut(Left),
    Kill,
}

/// What opening the timeline comes to.
struct Opened {
    base: u8,
    head: u8,
    /// What pages hold that are in frames behind the mark, or in the file.
    pages: [u8; PAGES],
}

/// All sets of some of these bits.
fn subsets(bits: u16) -> impl Iterator<Item = u16> {
    std::iter::successors(Some(0u16), move |one| Some(one.wrapping_sub(bits) & bits).filter(|next| *next != 0))
}

const OPENS: &str = "the timeline can be opened after a power cut";
const KEEPS: &str = "what was acknowledged is there after a power cut";
const PREFIX: &str = "a power cut leaves the state after a commit";
const SNAPSHOT: &str = "a reader sees its snapshot";
const PRESENT: &str = "nobody reads from a segment that is gone";

#[derive(Debug, Clone, Copy)]
struct Protocol {
    bug: Option<Bug>,
    commits: u8,
    /// Commits after which a segment is sealed.
    segment: u8,
    readers: usize,
    /// A commit is held in memory until it is synced, as with FULL.
    held: bool,
    /// The connection that checkpoints does not sync, as with OFF: then a process may be killed, and the power not be cut.
    unsynced_checkpoints: bool,
    /// Also follow what a process does that opens the timeline after the first one has gone.
    reopens: bool,
}

fn base_name(commit: u8) -> u16 {
    0x100 << commit
}

/// The last base among names.
fn last_base(names: u16) -> u8 {
    (1..=COMMITS as u8).rev().find(|commit| names & base_name(*commit) != 0).unwrap_or(0)
}

impl Protocol {
    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    /// The first commit of the segment that a commit is in.
    fn first_of(&self, commit: u8) -> u8 {
        commit - (commit - 1) % self.segment
    }

    /// Of the segment that a commit is in.
    fn segment_name(&self, commit: u8) -> u16 {
        1 << self.first_of(commit)
    }

    /// The names of all segments that begin after a commit.
    fn names_behind(&self, commit: u8) -> u16 {
        (0x100 - (2 << commit)) & 0xff
    }

    /// What `Store::open()` and `Timeline::begin()` find.
    fn open(&self, left: &Left, claims: &[u8]) -> Result<Opened, &'static str> {
        // segment::current()
        let base = last_base(left.names);
        let segments = left.names & self.names_behind(base);
        let whole = |commit: u8| left.commits >> commit & 1 == 1;
        let mut head = base;
        for first in (1..=COMMITS as u8).filter(|first| segments >> first & 1 == 1) {
            if first != head + 1 {
                return Err("a segment is missing, or is not whole and not the last one");
            }
            let end = (first + self.segment).min(COMMITS as u8 + 1);
            head += (first..end).take_while(|commit| whole(*commit)).count() as u8;
            // Segment::scan(): a record behind the torn place that says it had been synced.
            if (head + 2..end).any(|commit| whole(commit) && claims[usize::from(commit)] > head) {
                return Err("what is torn is taken for damage");
            }
        }
        if head < left.mark.copied.max(left.mark.durable) {
            return Err("there were more commits");
        }
        // Store::join(): a base is read only if it is the last file, else the database file has what is in it.
        let pages = std::array::from_fn(|page| {
            let frame = version(page, head);
            let replayed = frame > left.mark.copied.max(base) || segments == 0 && base > left.mark.copied;
            if replayed { frame } else { left.pages[page] }
        });
        Ok(Opened { base, head, pages })
    }

    /// All that a power cut may leave: of what is not synced, each thing is kept or lost.
    fn power_cuts(&self, disk: &Disk) -> Vec<Left> {
        let up_to = |commit: u8| (2u16 << commit) - 1;
        // Marks are written in turns to two places. If both were written since the last sync, both may be torn.
        let torn = Some(Mark::default()).filter(|mark| disk.marks.len() > 2 && !disk.marks.contains(mark));
        let mut all = Vec::new();
        for commits in subsets(up_to(disk.written) & !up_to(disk.synced)) {
            for names in subsets(disk.names ^ disk.names_synced) {
                for mark in disk.marks.iter().copied().chain(torn) {
                    let left = |pages| Left {
                        commits: commits | up_to(disk.synced),
                        pages,
                        mark,
                        names: names | disk.names & disk.names_synced,
                    };
                    let [first, second] = disk.file;
                    all.extend(first.left().flat_map(|one| second.left().map(move |two| [one, two])).map(left));
                }
            }
        }
        all
    }

    /// Whether this is wrong after some power cut, or if the process is killed.
    fn fault(&self, world: &World, wrong: fn(&World, Result<Opened, &'static str>) -> bool) -> bool {
        let cuts = if self.unsynced_checkpoints { vec![world.as_it_is()] } else { self.power_cuts(&world.disk) };
        cuts.iter().any(|left| wrong(world, self.open(left, &world.disk.claims)))
    }

    /// What a reader finds in a page. `None` if it is in a segment that is gone.
    fn read(&self, world: &World, snapshot: Snapshot, page: usize) -> Option<u8> {
        let frame = version(page, snapshot.last);
        if frame <= snapshot.first {
            return Some(world.disk.file[page].now);
        }
        self.is_there(world, frame).then_some(frame)
    }

    /// Whether the file is there where this process found or wrote a frame of a commit.
    fn is_there(&self, world: &World, commit: u8) -> bool {
        let name = if commit <= world.base { base_name(world.base) } else { self.segment_name(commit) };
        world.disk.names & name != 0
    }

    fn is_durable(&self, world: &World) -> bool {
        !(world.listed && world.counted > world.counted_synced)
    }

    /// The oldest commit to the newest one, as `History` has them: each in a base or in a segment.
    fn history_is_whole(&self, world: &World) -> bool {
        let base = last_base(world.disk.names);
        (base + 1..=world.committed).all(|commit| world.disk.names & self.segment_name(commit) != 0)
    }

    /// `Tail::write_out()`, of a segment that ends with this commit: also what a writer has just handed over.
    fn write_out(&self, world: &mut World, last: u8) {
        if self.held {
            world.disk.written = world.disk.written.max((world.committed + u8::from(world.writing)).min(last));
        }
    }

    /// `Store::begin_append()`, and half of `Segment::write()`: the commit is written, or held, and not counted as such.
    fn begin_commit(&self, world: &mut World) {
        let commit = world.committed + 1;
        let name = self.segment_name(commit);
        if world.disk.names & name == 0 {
            // The segment before it is durable, then it is: its header and its name, so that only one is ever torn.
            world.disk.written = world.committed;
            world.disk.synced = world.disk.written;
            world.counted_synced = world.counted;
            (world.listed, world.claim) = (false, world.committed);
            world.disk.names |= name;
            world.disk.names_synced |= name;
        }
        world.writing = true;
        world.disk.claims[usize::from(commit)] = world.claim;
        if self.has(Bug::CountBeforeWriting) {
            world.counted = commit;
        } else if !self.held {
            world.disk.written = commit;
        }
    }

    /// The rest of `Timeline::append_unsynced()`. Only now others get the lock of the store.
    fn end_commit(&self, world: &mut World) {
        world.committed += 1;
        world.counted = world.committed;
        if !self.held {
            world.disk.written = world.committed;
        }
        (world.listed, world.writing) = (true, false);
    }

    /// `Timeline::sync_up_to()`: one syncs for all that wait.
    fn sync(&self, world: &mut World) -> bool {
        match world.sync {
            Sync::Idle => {
                let commit = world.committed;
                if world.writing || commit <= world.durable {
                    return false;
                }
                if self.has(Bug::AcknowledgeUnsynced) {
                    world.acknowledged = world.acknowledged.max(commit);
                }
                world.sync = Sync::Target { commit, listed: world.listed };
            }
            // Segment::sync(), of no other segment than that of the target.
            Sync::Target { commit, listed: true } => {
                let last = self.first_of(commit) + self.segment - 1;
                self.write_out(world, last);
                world.sync = Sync::Written { commit, counted: world.counted.min(last) };
            }
            Sync::Written { commit, counted } => {
                let last = self.first_of(commit) + self.segment - 1;
                world.counted_synced = world.counted_synced.max(counted);
                world.disk.synced = world.disk.synced.max(world.disk.written.min(last));
                world.sync = Sync::Done { commit };
            }
            Sync::Target { commit, listed: false } => world.sync = Sync::Done { commit },
            Sync::Done { commit } => {
                if world.writing {
                    return false;
                }
                // Store::reached()
                world.listed &= world.counted > world.counted_synced;
                world.claim = world.claim.max(commit);
                world.durable = world.durable.max(commit);
                world.acknowledged = world.acknowledged.max(commit);
                world.sync = Sync::Idle;
            }
        }
        true
    }

    /// `live::checkpoint()`. As much as readers allow, without waiting for them.
    fn checkpoint(&self, world: &mut World) -> bool {
        let whole = |world: &World, safe| world.committed == safe;
        world.checkpoint = match world.checkpoint {
            Checkpoint::Idle => {
                // State::safe()
                let read = world.readers.iter().flatten().map(|snapshot| snapshot.last).min();
                let safe = read.filter(|_| !self.has(Bug::CopyPastReaders)).unwrap_or(world.committed);
                if safe <= world.backfilled {
                    return false;
                }
                Checkpoint::Syncing { safe, target: world.committed }
            }
            // Timeline::before_copy()
            Checkpoint::Syncing { safe, .. } if self.unsynced_checkpoints => {
                if !self.has(Bug::CopyHeld) {
                    if world.writing {
                        return false;
                    }
                    self.write_out(world, COMMITS as u8);
                }
                Checkpoint::Copying { safe, page: 0 }
            }
            Checkpoint::Syncing { target, .. } if world.durable < target && !self.has(Bug::CopyUnsynced) => {
                return false;
            }
            Checkpoint::Syncing { safe, .. } => Checkpoint::Copying { safe, page: 0 },
            Checkpoint::Copying { safe, page } if usize::from(page) < PAGES => {
                let newest = version(page.into(), safe);
                if newest > world.backfilled {
                    let page = &mut world.disk.file[usize::from(page)];
                    *page = Page { now: newest, left: page.left | 1 << newest };
                }
                Checkpoint::Copying { safe, page: page + 1 }
            }
            Checkpoint::Copying { safe, .. } if !whole(world, safe) || self.unsynced_checkpoints => {
                // Neither synced nor marked.
                world.backfilled = safe;
                Checkpoint::Idle
            }
            Checkpoint::Copying { safe, .. } if self.has(Bug::MarkBeforeFileSync) => {
                if world.writing {
                    return false;
                }
                self.mark(world, safe);
                Checkpoint::MarkedEarly { safe }
            }
            Checkpoint::Copying { safe, .. } | Checkpoint::MarkedEarly { safe } => {
                world.disk.file.iter_mut().for_each(|page| page.left = 1 << page.now);
                Checkpoint::FileSynced { safe }
            }
            Checkpoint::FileSynced { safe } => {
                world.backfilled = safe;
                Checkpoint::Backfilled { safe }
            }
            // Timeline::copied() has to wait for the lock of the store.
            Checkpoint::Backfilled { .. } if world.writing => return false,
            Checkpoint::Backfilled { safe } => {
                self.mark(world, safe);
                Checkpoint::Idle
            }
        };
        true
    }

    /// `Store::set_mark()`, without a sync.
    fn mark(&self, world: &mut World, copied: u8) {
        let before = world.mark();
        let mark = Mark { copied, durable: if self.is_durable(world) { world.committed } else { before.durable } };
        if mark != before {
            world.disk.marks.push(mark);
        }
    }

    /// The last commit of the last sealed segment, if that is not folded yet, up to `limit`.
    fn last_to_fold(&self, world: &World, limit: u8) -> Option<u8> {
        let sealed = |last: &u8| world.disk.names & self.segment_name(last + 1) != 0 && *last <= limit;
        let mut ends = (1..self.commits).filter(|last| *last % self.segment == 0);
        ends.rfind(sealed).filter(|last| *last > last_base(world.disk.names))
    }

    /// `Timeline::prune()`, of all that may go.
    fn prune(&self, world: &mut World) -> bool {
        world.prune = match world.prune {
            Prune::Idle => {
                let copied = if self.has(Bug::PruneUncopied) { world.committed } else { world.mark().copied };
                if world.writing || self.last_to_fold(world, copied).is_none() {
                    return false;
                }
                Prune::Looked { copied }
            }
            Prune::Looked { copied } => {
                // State::oldest_needed()
                let read = world.readers.iter().flatten().filter(|snapshot| snapshot.first < snapshot.last);
                let needed = read.map(|snapshot| snapshot.first).min().filter(|_| !self.has(Bug::PruneUnderReaders));
                let saved = if self.has(Bug::PruneUncopied) { copied } else { world.backfilled.min(copied) };
                match self.last_to_fold(world, needed.map_or(saved, |needed| needed.min(saved))) {
                    Some(fold) => Prune::Syncing { fold, target: world.committed },
                    None => Prune::Idle,
                }
            }
            Prune::Syncing { target, .. } if world.durable < target => return false,
            // History::write_base(). What is in the base is synced before it has its name.
            Prune::Syncing { fold, .. } => {
                world.disk.names |= base_name(fold);
                Prune::Named { fold }
            }
            Prune::Named { fold } => {
                if !self.has(Bug::RemoveBeforeBaseIsDurable) {
                    world.disk.names_synced = world.disk.names;
                }
                Prune::Durable { fold }
            }
            Prune::Durable { .. } if world.writing => return false,
            Prune::Durable { fold } => {
                world.disk.marks.drain(..world.disk.marks.len() - 1);
                Prune::Removing { fold }
            }
            Prune::Removing { fold } => match self.leftovers(world.disk.names) {
                0 => {
                    world.disk.names_synced = world.disk.names;
                    Prune::Idle
                }
                names => {
                    world.disk.names &= !(1 << names.trailing_zeros());
                    Prune::Removing { fold }
                }
            },
        };
        true
    }

    /// The names of what the last base stands for.
    fn leftovers(&self, names: u16) -> u16 {
        let base = last_base(names);
        names & !(self.names_behind(base) | base_name(base))
    }

    /// Another process opens the timeline, and finds what is left.
    fn reopen(&self, world: &World, left: &Left, power_cut: bool) -> Option<World> {
        let Opened { base, head, .. } = self.open(left, &world.disk.claims).ok()?;
        let mut disk = world.disk.clone();
        disk.written = head;
        disk.claims[usize::from(head) + 1..].fill(0);
        if power_cut {
            // What is there now is on the disk.
            disk.synced = head;
            disk.file = left.pages.map(|now| Page { now, left: 1 << now });
            disk.marks = vec![left.mark];
            (disk.names, disk.names_synced) = (left.names, left.names);
        } else if self.leftovers(disk.names) != 0 && !self.has(Bug::RemoveLeftoversUnsynced) {
            disk.names_synced = disk.names;
        }
        disk.names &= !self.leftovers(disk.names);
        Some(World {
            disk,
            committed: head,
            counted: head,
            listed: true,
            acknowledged: world.acknowledged,
            backfilled: left.mark.copied,
            base,
            reopened: true,
            ..World::new()
        })
    }

    fn is_possible(&self, world: &World, step: &Step) -> bool {
        match step {
            Step::BeginCommit => !world.writing && world.committed < self.commits,
            Step::EndCommit => world.writing,
            Step::BeginRead(reader) => world.readers[*reader].is_none(),
            Step::EndRead(reader) => world.readers[*reader].is_some(),
            _ => true,
        }
    }
}

impl World {
    fn new() -> Self {
        World {
            disk: Disk {
                written: 0,
                synced: 0,
                claims: [0; COMMITS + 1],
                file: [Page { now: 0, left: 1 }; PAGES],
                marks: vec![Mark::default()],
                names: 0,
                names_synced: 0,
            },
            writing: false,
            committed: 0,
            counted: 0,
            counted_synced: 0,
            listed: false,
            claim: 0,
            durable: 0,
            acknowledged: 0,
            backfilled: 0,
            readers: [None; READERS],
            sync: Sync::Idle,
            checkpoint: Checkpoint::Idle,
            prune: Prune::Idle,
            base: 0,
            reopened: false,
        }
    }

    /// `Store::mark()`.
    fn mark(&self) -> Mark {
        self.disk.marks.last().copied().unwrap_or_default()
    }

    /// What a process finds that is started after this one was killed.
    fn as_it_is(&self) -> Left {
        Left {
            commits: (2 << self.disk.written) - 1,
            pages: self.disk.file.map(|page| page.now),
            mark: self.mark(),
            names: self.disk.names,
        }
    }

    fn forget_what_makes_no_difference(&mut self) {
        self.readers.sort_unstable();
        // Only of a record that may be torn it matters what it says.
        self.disk.claims[..=usize::from(self.disk.synced)].fill(0);
        if let Some(now) = self.disk.marks.pop() {
            self.disk.marks.sort_unstable();
            self.disk.marks.dedup();
            self.disk.marks.push(now);
        }
    }

    fn is_read(&self) -> bool {
        self.readers.iter().flatten().any(|snapshot| snapshot.first < snapshot.last)
    }
}

impl Model for Protocol {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        vec![World::new()]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        steps.extend([Step::BeginCommit, Step::EndCommit, Step::Sync, Step::Checkpoint, Step::Prune]);
        steps.extend(
            (READERS - self.readers..READERS).flat_map(|reader| [Step::BeginRead(reader), Step::EndRead(reader)]),
        );
        steps.retain(|step| self.is_possible(world, step));
        if self.reopens && !world.reopened {
            steps.push(Step::Kill);
            if !self.unsynced_checkpoints {
                steps.extend(self.power_cuts(&world.disk).into_iter().map(Step::PowerCut));
            }
        }
    }

    fn next_state(&self, before: &World, step: Step) -> Option<World> {
        let mut world = before.clone();
        let done = match step {
            Step::PowerCut(left) => return self.reopen(before, &left, true),
            Step::Kill => return self.reopen(before, &before.as_it_is(), false),
            Step::Sync => self.sync(&mut world),
            Step::Checkpoint => self.checkpoint(&mut world),
            Step::Prune => self.prune(&mut world),
            Step::BeginCommit => {
                self.begin_commit(&mut world);
                true
            }
            Step::EndCommit => {
                self.end_commit(&mut world);
                true
            }
            Step::BeginRead(reader) => {
                // State::begin_read()
                world.readers[reader] = Some(Snapshot { first: world.backfilled, last: world.committed });
                true
            }
            Step::EndRead(reader) => {
                world.readers[reader] = None;
                true
            }
        };
        world.forget_what_makes_no_difference();
        done.then_some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(OPENS, |protocol: &Self, world: &World| {
                !protocol.fault(world, |_, opened| opened.is_err())
            }),
            Property::always(KEEPS, |protocol: &Self, world: &World| {
                !protocol.fault(world, |world, opened| opened.is_ok_and(|opened| opened.head < world.acknowledged))
            }),
            Property::always(PREFIX, |protocol: &Self, world: &World| {
                !protocol.fault(world, |_, opened| {
                    opened.is_ok_and(|opened| (0..PAGES).any(|page| opened.pages[page] != version(page, opened.head)))
                })
            }),
            Property::always(SNAPSHOT, |protocol: &Self, world: &World| {
                world.readers.iter().flatten().all(|snapshot| {
                    (0..PAGES).all(|page| {
                        protocol.read(world, *snapshot, page).is_none_or(|found| found == version(page, snapshot.last))
                    })
                })
            }),
            Property::always(PRESENT, |protocol: &Self, world: &World| {
                let read = |snapshot: &Snapshot| (0..PAGES).all(|page| protocol.read(world, *snapshot, page).is_some());
                let copied = match world.checkpoint {
                    Checkpoint::Copying { safe, page } if usize::from(page) < PAGES => {
                        let frame = version(page.into(), safe);
                        frame <= world.backfilled || protocol.is_there(world, frame)
                    }
                    _ => true,
                };
                copied && world.readers.iter().flatten().all(read)
            }),
            Property::always("no commit is missing from the oldest one on", Self::history_is_whole),
            Property::sometimes("all commits are in the database file", |protocol: &Self, world: &World| {
                world.mark().copied == protocol.commits
            }),
            Property::sometimes("all sealed segments are pruned", |protocol: &Self, world: &World| {
                let sealed = protocol.first_of(protocol.commits) - 1;
                world.prune == Prune::Idle
                    && last_base(world.disk.names) == sealed
                    && world.committed == protocol.commits
            }),
            Property::sometimes("there is reading during checkpoint and pruning", |_: &Self, world: &World| {
                let copying = matches!(world.checkpoint, Checkpoint::Copying { page: 1, .. });
                copying && matches!(world.prune, Prune::Removing { .. }) && world.is_read()
            }),
            Property::sometimes("a power cut loses what was not acknowledged", |_: &Self, world: &World| {
                world.reopened && world.committed == 0 && world.disk.names != 0
            }),
            Property::sometimes("it is pruned after it was opened again", |_: &Self, world: &World| {
                world.reopened && last_base(world.disk.names) > world.base && world.base > 0
            }),
        ]
    }
}

/// The names of what is found to be wrong, and the steps that lead there.
fn failures(checker: &impl Checker<Protocol>) -> Vec<(&'static str, Vec<Step>)> {
    let found = checker.discoveries().into_iter();
    let wrong = found.filter(|(name, _)| checker.model().property(name).expectation.discovery_is_failure());
    wrong.map(|(name, path)| (name, path.into_actions())).collect()
}

const TWO_COMMITS: Protocol =
    Protocol { bug: None, commits: 2, segment: 1, readers: 1, held: true, unsynced_checkpoints: false, reopens: true };
const THREE_COMMITS: Protocol = Protocol { commits: 3, readers: 2, ..TWO_COMMITS };

/// Looks at every state.
fn check(protocol: Protocol) -> impl Checker<Protocol> {
    let checker = protocol.checker().spawn_bfs().join();
    println!("{protocol:?}: {} states", checker.unique_state_count());
    let failures = failures(&checker);
    assert!(failures.is_empty(), "{protocol:?}: {failures:#?}");
    checker
}

#[test]
fn the_protocol_holds_in_every_state() {
    // What must happen in some state does.
    check(THREE_COMMITS).assert_properties();
}

#[test]
fn it_holds_with_several_commits_in_a_segment() {
    check(Protocol { segment: 2, ..THREE_COMMITS });
    check(Protocol { commits: 4, segment: 2, readers: 1, reopens: false, ..THREE_COMMITS });
}

#[test]
fn it_holds_when_commits_are_written_at_once() {
    check(Protocol { held: false, readers: 1, ..THREE_COMMITS });
    check(Protocol { held: false, segment: 2, ..TWO_COMMITS });
}

#[test]
fn a_process_that_is_killed_leaves_a_state_even_if_checkpoints_do_not_sync() {
    for held in [true, false] {
        check(Protocol { held, unsynced_checkpoints: true, ..THREE_COMMITS });
        check(Protocol { held, unsynced_checkpoints: true, commits: 4, segment: 2, ..THREE_COMMITS });
    }
}

#[test]
fn each_known_bug_is_noticed() {
    check(TWO_COMMITS);
    check(Protocol { segment: 2, ..TWO_COMMITS });
    for (bug, segment, noticed) in [
        (Bug::AcknowledgeUnsynced, 1, KEEPS),
        (Bug::CountBeforeWriting, 2, KEEPS),
        (Bug::CopyUnsynced, 1, PREFIX),
        (Bug::CopyHeld, 2, PREFIX),
        (Bug::CopyPastReaders, 1, SNAPSHOT),
        (Bug::MarkBeforeFileSync, 1, PREFIX),
        (Bug::PruneUnderReaders, 1, PRESENT),
        (Bug::PruneUncopied, 1, PREFIX),
        (Bug::RemoveBeforeBaseIsDurable, 1, OPENS),
        (Bug::RemoveLeftoversUnsynced, 1, OPENS),
    ] {
        let unsynced_checkpoints = bug == Bug::CopyHeld;
        // What is held is written by whoever syncs, whatever was counted.
        let held = bug != Bug::CountBeforeWriting;
        let protocol = Protocol { bug: Some(bug), segment, held, unsynced_checkpoints, ..TWO_COMMITS };
        let when = HasDiscoveries::AnyOf([noticed].into());
        let checker = protocol.checker().finish_when(when).spawn_bfs().join();
        let path = checker.discovery(noticed).unwrap_or_else(|| panic!("{bug:?} goes unnoticed"));
        println!(
            "{bug:?}: {} states, not so after {} steps: {noticed}",
            checker.unique_state_count(),
            path.into_actions().len()
        );
    }
}
