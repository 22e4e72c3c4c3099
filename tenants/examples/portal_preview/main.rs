//! The gallery: every page of the portal with sample data, to be looked at in a browser.
//!
//! `cargo run -p tenants --example portal_preview -- <folder>` writes one HTML file per page and state, each also in
//! large text (`…-large.html`), the style sheets beside them, and `index.html` that links them all. Open the pages at
//! 320, 768 and 1280 px before calling a change of templates or style sheets done. Persons and numbers are invented.

mod parts;
mod samples;
mod samples_apply;
mod samples_case;

use std::path::{Path, PathBuf};

use tenants::portal::assets;

fn main() -> anyhow::Result<()> {
    let folder: PathBuf = std::env::args_os().nth(1).map(PathBuf::from).ok_or_else(|| anyhow::anyhow!("which folder?"))?;
    std::fs::create_dir_all(folder.join("assets"))?;
    for (name, text) in assets::sheets() {
        std::fs::write(folder.join("assets").join(name), text)?;
    }
    let mut names = Vec::new();
    for large_text in [false, true] {
        for (name, html) in pages(large_text)? {
            let name = if large_text { format!("{name}-large.html") } else { format!("{name}.html") };
            write_page(&folder, &name, &html)?;
            names.push(name);
        }
    }
    let links: String = names.iter().map(|name| format!("<li><a href=\"{name}\">{name}</a></li>")).collect();
    std::fs::write(folder.join("index.html"), format!("<!doctype html><meta charset=\"utf-8\"><title>gallery</title><ul>{links}</ul>"))?;
    println!("{} pages in {}", names.len(), folder.display());
    Ok(())
}

fn pages(large_text: bool) -> anyhow::Result<Vec<(&'static str, String)>> {
    let mut pages = vec![("parts", parts::page(large_text)?)];
    pages.extend(samples::pages(large_text)?);
    pages.extend(samples_apply::pages(large_text)?);
    pages.extend(samples_case::pages(large_text)?);
    Ok(pages)
}

/// Pages ask for `/assets/x.css?v=…`; in a folder the sheets lie beside them.
fn write_page(folder: &Path, name: &str, html: &str) -> anyhow::Result<()> {
    let mut beside = html.to_owned();
    for (sheet, _) in assets::sheets() {
        beside = beside.replace(&assets::address(sheet), &format!("assets/{sheet}"));
    }
    std::fs::write(folder.join(name), beside)?;
    Ok(())
}
