//! Decides actions by Cedar policies with Cedar's own crate, and says how long that took.
//!
//!     cedar_rust POLICIES.cedar ACTIONS.json
//!
//! The policies are parsed once. On standard input: `answers` prints the answers to all actions as one JSON array,
//! `time N` decides the first N actions and prints the nanoseconds it took, on the wall or of the processor, whichever
//! is less, since a busy machine lengthens the former. A request is made from decoded JSON each time, as a service has
//! it in its hands. A policy carries its name and effect as annotations, since Cedar itself knows two effects and the
//! rule sets have three.

use std::collections::HashMap;
use std::io::{self, BufRead};
use std::str::FromStr;
use std::time::{Duration, Instant};
use std::{env, fs};

use cedar_policy::{Authorizer, Context, Entities, EntityId, EntityTypeName, EntityUid, PolicyId, PolicySet, Request};
use serde_json::{json, Value};

struct Bench {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    known: HashMap<PolicyId, (String, String)>,
}

impl Bench {
    fn new(text: &str) -> Self {
        let policies = PolicySet::from_str(text).expect("policies parse");
        let said = |policy: &cedar_policy::Policy, key: &str| policy.annotation(key).expect("annotated").to_owned();
        let known = policies
            .policies()
            .map(|p| (p.id().clone(), (said(p, "id"), said(p, "effect"))))
            .collect();
        Bench {
            authorizer: Authorizer::new(),
            policies,
            entities: Entities::empty(),
            known,
        }
    }

    /// The strictest effect of the policies that decided, and the names of those with it.
    fn decide(&self, action: &Value) -> (&str, Vec<&str>) {
        let request = Request::new(
            uid(text(action, "subject", "type"), text(action, "subject", "id")),
            uid("Action", text(action, "action", "name")),
            uid(text(action, "resource", "type"), text(action, "resource", "id")),
            Context::from_json_value(action.clone(), None).expect("a context"),
            None,
        )
        .expect("a request");
        let response = self.authorizer.is_authorized(&request, &self.policies, &self.entities);
        let mut decision = "allow";
        let mut names = Vec::new();
        for id in response.diagnostics().reason() {
            let (name, effect) = &self.known[id];
            if effect != decision && (effect == "deny" || decision == "allow") {
                decision = effect;
                names.clear();
            }
            if effect == decision {
                names.push(name.as_str());
            }
        }
        if names.is_empty() {
            return ("deny", names);
        }
        (decision, names)
    }
}

fn text<'a>(action: &'a Value, noun: &str, field: &str) -> &'a str {
    action[noun][field].as_str().expect("a string")
}

fn uid(kind: &str, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(EntityTypeName::from_str(kind).expect("a type"), EntityId::new(id))
}

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

extern "C" {
    fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
}

/// CLOCK_PROCESS_CPUTIME_ID of 64-bit Linux.
const PROCESSOR: i32 = 2;

/// The processor time that this process has had, where the system tells.
fn processor() -> Option<Duration> {
    let mut time = Timespec {
        seconds: 0,
        nanoseconds: 0,
    };
    // SAFETY: the call writes one timespec, whose layout on 64-bit Linux this is, and keeps no pointer to it.
    let told = cfg!(all(target_os = "linux", target_pointer_width = "64"))
        && unsafe { clock_gettime(PROCESSOR, &mut time) } == 0;
    told.then(|| Duration::new(time.seconds as u64, time.nanoseconds as u32))
}

fn main() {
    let files: Vec<String> = env::args()
        .skip(1)
        .map(|name| fs::read_to_string(name).expect("a file"))
        .collect();
    let bench = Bench::new(&files[0]);
    let actions: Vec<Value> = serde_json::from_str(&files[1]).expect("a JSON array");
    println!("ready");
    for line in io::stdin().lock().lines() {
        let line = line.expect("a line");
        match line.split_once(' ') {
            None => {
                let answers: Vec<Value> = actions
                    .iter()
                    .map(|action| bench.decide(action))
                    .map(|(decision, rules)| json!({"decision": decision, "rules": rules}))
                    .collect();
                println!("{}", Value::Array(answers));
            }
            Some((_, count)) => {
                let (begin, used) = (Instant::now(), processor());
                for action in &actions[..count.parse().expect("a number")] {
                    std::hint::black_box(bench.decide(action));
                }
                let wall = begin.elapsed();
                let taken = processor()
                    .zip(used)
                    .map_or(wall, |(after, before)| wall.min(after - before));
                println!("{}", taken.as_nanos());
            }
        }
    }
}
