//! Descriptions of calendars as texts of posts: what is plain stays as it reads, and nothing in it becomes a mark of Markdown.
//! Some programs write HTML into descriptions; of that the words are taken.

use ammonia::Builder;

/// Marks that mean something wherever they stand.
const MARKS: &str = "\\`*_[]<>#&~|!";

/// A description as Markdown, with a link to where there is more.
pub fn markdown(description: &str, url: Option<&str>) -> String {
    let plain = if is_html(description) { words(description) } else { description.to_owned() };
    let lines: Vec<String> = plain.lines().map(|line| escaped(line.trim())).collect();
    let mut text = String::new();
    for (at, line) in lines.iter().enumerate() {
        text.push_str(line);
        let breaks = !line.is_empty() && lines.get(at + 1).is_some_and(|next| !next.is_empty());
        text.push_str(if breaks { "\\\n" } else { "\n" });
    }
    let text = text.trim();
    let said = url.is_some_and(|url| description.contains(url));
    match url.filter(|_| !said) {
        Some(url) => format!("{text}\n\n<{}>", url.replace(['<', '>'], "")).trim().to_owned(),
        None => text.to_owned(),
    }
}

fn is_html(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["<br", "<p>", "</p>", "</a>", "</span>", "</div>", "<html", "</b>", "</li>"].iter().any(|tag| text.contains(tag))
}

/// The words of HTML.
fn words(html: &str) -> String {
    let mut broken = html.to_owned();
    for tag in ["<br", "</p", "</div", "</li", "<BR", "</P", "</DIV", "</LI"] {
        broken = broken.replace(tag, &format!("\n{tag}"));
    }
    let text = Builder::empty().clean(&broken).to_string();
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&nbsp;", " "), ("&amp;", "&")];
    entities.iter().fold(text, |text, (entity, mark)| text.replace(entity, mark))
}

/// A line in which nothing is a mark, and addresses of the web are links.
fn escaped(line: &str) -> String {
    let words: Vec<String> = line.split(' ').map(word).collect();
    let text = words.join(" ");
    // What makes a list, a heading or a rule at the beginning of a line.
    let number = text.bytes().take_while(u8::is_ascii_digit).count();
    match text.as_bytes().get(number) {
        Some(b'-' | b'+' | b'=' | b':') if number == 0 => format!("\\{text}"),
        Some(b'.' | b')') if number > 0 => format!("{}\\{}", &text[..number], &text[number..]),
        _ => text,
    }
}

fn word(word: &str) -> String {
    let is_link = ["http://", "https://"].iter().any(|scheme| word.starts_with(scheme));
    let plain = word.trim_end_matches(['.', ',', ';', ')', '!', '?']);
    if is_link && plain.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\\\"`".contains(&byte)) {
        return format!("<{plain}>{}", escaped_marks(&word[plain.len()..]));
    }
    escaped_marks(word)
}

fn escaped_marks(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if MARKS.contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
