//! The figures: a table for people, then one line of JSON.

use crate::{Plan, machine};
use serde_json::{Map, Value, json};

/// What a figure should be.
#[derive(Clone, Copy)]
pub enum Goal {
    /// Nothing in particular.
    None,
    /// This, or less.
    AtMost(f64),
    /// This, or more.
    AtLeast(f64),
}

/// All figures of a run.
pub struct Report {
    machine: Value,
    figures: Vec<Value>,
    table: Vec<[String; 6]>,
    notes: Map<String, Value>,
}

/// The middle one of some figures.
pub fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

impl Goal {
    fn text(self) -> String {
        match self {
            Self::None => String::new(),
            Self::AtMost(most) => format!("≤ {most}"),
            Self::AtLeast(least) => format!("≥ {least}"),
        }
    }

    fn is_met_by(self, figure: f64) -> Option<bool> {
        match self {
            Self::None => None,
            Self::AtMost(most) => Some(figure <= most),
            Self::AtLeast(least) => Some(figure >= least),
        }
    }
}

impl Report {
    /// An empty report.
    pub fn new(plan: &Plan) -> Self {
        let mut notes = Map::new();
        notes.insert("rounds".to_owned(), plan.rounds.into());
        let set = plan.set.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>();
        notes.insert("set".to_owned(), set.into());
        Self { machine: machine::describe(), figures: Vec::new(), table: Vec::new(), notes }
    }

    /// A figure beside its floor; the goal is for the ratio.
    pub fn compare(&mut self, what: &str, figure: f64, floor: f64, ratio: f64, goal: Goal) {
        let met = goal.is_met_by(ratio);
        self.row([what.to_owned(), short(figure), short(floor), short(ratio), goal.text()], met);
        self.figures.push(
            json!({"what": what, "figure": figure, "floor": floor, "ratio": ratio, "goal": goal.text(), "met": met}),
        );
    }

    /// A figure without a floor; the goal is for itself.
    pub fn alone(&mut self, what: &str, figure: f64, goal: Goal) {
        let met = goal.is_met_by(figure);
        self.row([what.to_owned(), short(figure), String::new(), String::new(), goal.text()], met);
        self.figures.push(json!({"what": what, "figure": figure, "goal": goal.text(), "met": met}));
    }

    fn row(&mut self, [what, figure, floor, ratio, goal]: [String; 5], met: Option<bool>) {
        let met = met.map_or("", |met| if met { "met" } else { "missed" }).to_owned();
        let row = [what, figure, floor, ratio, goal, met];
        print_row(&row);
        self.table.push(row);
    }

    /// Settings and single figures, for the JSON only.
    pub fn note(&mut self, name: &str, value: Value) {
        self.notes.insert(name.to_owned(), value);
    }

    /// Prints everything.
    pub fn print(self) {
        println!();
        print_row(&["what", "figure", "floor", "ratio", "goal", ""].map(str::to_owned));
        self.table.iter().for_each(print_row);
        println!();
        println!("{}", json!({"machine": self.machine, "figures": self.figures, "details": self.notes}));
    }
}

fn print_row([what, figure, floor, ratio, goal, met]: &[String; 6]) {
    println!("{what:<38} {figure:>10} {floor:>10} {ratio:>7}  {goal:<8} {met}");
}

/// Three significant digits, whole numbers as they are.
fn short(figure: f64) -> String {
    match figure.abs() {
        size if size >= 100.0 => format!("{figure:.0}"),
        size if size >= 10.0 => format!("{figure:.1}"),
        _ => format!("{figure:.2}"),
    }
}
