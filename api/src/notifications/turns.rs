//! Whose turn it is: the most urgent first, and villages one after the other, so that one village's ten thousand never delay
//! another's.

use entity::{Due, VillageId};
use std::collections::HashMap;

/// The least that is worth a claim.
const LEAST: usize = 16;

/// What to claim of what is equally urgent, and at most how much of each: one notification per village and turn, the room shared
/// between the villages. Each `round` begins with other villages, for when there are more than there is room.
pub fn to_claim(due: &[Due], room: usize, round: usize) -> Vec<(Due, usize)> {
    if due.is_empty() {
        return Vec::new();
    }
    let mut villages: Vec<(VillageId, Vec<Due>)> = Vec::new();
    let mut places: HashMap<VillageId, usize> = HashMap::new();
    for due in due {
        let place = *places.entry(due.village).or_insert_with(|| {
            villages.push((due.village, Vec::new()));
            villages.len() - 1
        });
        villages[place].1.push(*due);
    }
    let share = (room / villages.len()).max(LEAST);
    let first = (round * (room / share).max(1)) % villages.len();
    villages.rotate_left(first);
    interleaved(villages.into_iter().map(|(_, due)| due)).into_iter().map(|due| (due, share)).collect()
}

/// One of each list in turn, until all are empty.
pub fn interleaved<T>(lists: impl Iterator<Item = Vec<T>>) -> Vec<T> {
    let mut lists: Vec<_> = lists.map(Vec::into_iter).collect();
    let mut order = Vec::new();
    while !lists.is_empty() {
        lists.retain_mut(|list| list.next().map(|next| order.push(next)).is_some());
    }
    order
}
