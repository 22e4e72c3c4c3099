//! When a page cannot be shown: what happened, in plain words, and what to do.

use askama::Template;

use crate::portal::chrome::{Chrome, Link};
use crate::portal::paths;

/// A page instead of the one asked for. Answer with `status`.
#[derive(Template)]
#[template(path = "portal/error.html")]
pub struct ErrorPage {
    pub chrome: Chrome,
    /// HTTP status of the answer.
    pub status: u16,
    pub title: String,
    pub lines: Vec<String>,
    pub links: Vec<Link>,
    /// Number to quote on the telephone; the request id of the log.
    pub reference: Option<String>,
}

impl ErrorPage {
    pub fn not_found(chrome: Chrome) -> ErrorPage {
        let lines = &["地址可能打错了，或者这个页面已经搬走。", "可以从首页重新找，也可以用回执上的编号查办件。"];
        let links = vec![link("去首页", paths::HOME), link("查办件", paths::FOLLOW)];
        ErrorPage::new(chrome, 404, "没有找到这个页面", lines, links)
    }

    pub fn forbidden(chrome: Chrome) -> ErrorPage {
        let lines = &["这里只有办件的申请人可以看。", "如果是您的办件，请用申请时的姓名和手机号登录，或用回执上的编号和密码查询。"];
        let links = vec![link("登录", &chrome.sign_in()), link("查办件", paths::FOLLOW)];
        ErrorPage::new(chrome, 403, "您现在不能看这个页面", lines, links)
    }

    /// A form came back after its token had expired.
    pub fn form_expired(chrome: Chrome) -> ErrorPage {
        let lines = &["页面打开太久，为了安全，这次没有提交。", "请返回上一页，刷新以后再提交一次；已经存下的内容还在。"];
        let links = vec![link("去首页", paths::HOME), link("我的办件", paths::MY)];
        ErrorPage::new(chrome, 403, "请再提交一次", lines, links)
    }

    /// Somebody else changed the case in the meantime.
    pub fn changed_meanwhile(chrome: Chrome, case_address: &str) -> ErrorPage {
        let lines = &["您打开页面以后，这个办件有了新的进展，所以这次没有提交。", "请看过最新的情况再决定。"];
        ErrorPage::new(chrome, 409, "情况变了，请再看一眼", lines, vec![link("看最新情况", case_address)])
    }

    /// `wait_words`: "5 分钟".
    pub fn too_many(chrome: Chrome, wait_words: &str) -> ErrorPage {
        let wait = format!("请等 {wait_words}再试。您的申请和材料都在，不会丢。");
        let lines = &["短时间内试的次数太多，为了保护您的信息，先停一停。", &*wait];
        ErrorPage::new(chrome, 429, "请稍等一会儿再试", lines, vec![link("去首页", paths::HOME)])
    }

    pub fn server_error(chrome: Chrome, reference: Option<String>) -> ErrorPage {
        let lines =
            &["不是您的问题，是我们这边出了故障，已经记录下来。", "请过几分钟再试。急的话可以打 12345，或到就近的服务站、服务中心办。"];
        let page = ErrorPage::new(chrome, 500, "现在办不了，对不起", lines, vec![link("去首页", paths::HOME)]);
        ErrorPage { reference, ..page }
    }

    /// Any other refusal, in the words that the use case found.
    pub fn of_problem(chrome: Chrome, status: u16, title: &str, detail: String, back: Link) -> ErrorPage {
        ErrorPage::new(chrome, status, title, &[&*detail], vec![back, link("去首页", paths::HOME)])
    }

    fn new(chrome: Chrome, status: u16, title: &str, lines: &[&str], links: Vec<Link>) -> ErrorPage {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        ErrorPage { chrome, status, title: title.to_owned(), lines, links, reference: None }
    }
}

fn link(words: &str, address: &str) -> Link {
    Link { words: words.to_owned(), address: address.to_owned() }
}
