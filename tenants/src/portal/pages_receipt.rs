//! The receipt: on the screen after filing, and on A5 paper.

use askama::Template;
use askama_web::WebTemplate;

use crate::cases::relay::Relay;
use crate::portal::chrome::{Chrome, in_groups};
use crate::portal::components::RelayMark;
use crate::portal::paths;

/// What a receipt says, wherever it is shown.
#[derive(Debug, Clone)]
pub struct ReceiptFacts {
    pub case_id: String,
    /// As stored; pages show it in groups of four.
    pub case_no: String,
    /// The word that opens the follow page together with the number. Known only right after filing.
    pub secret: Option<String>,
    /// "残疾人两项补贴资格认定（两项同时申请）"
    pub matter_name: String,
    /// Masked.
    pub applicant_name: String,
    /// "前梁村便民服务站", or "网上"
    pub place_name: String,
    /// "2026年9月21日 (周一) 8:50"
    pub received_at_words: String,
    /// "残疾人证（已核原件，当面退还）"
    pub received: Vec<String>,
    /// "社会保障卡账户，发放之前补上就行"
    pub missing: Vec<String>,
    pub relay: Relay,
    /// What happens next and by when, one sentence each.
    pub next: Vec<String>,
}

impl ReceiptFacts {
    fn number(&self) -> String {
        in_groups(&self.case_no)
    }
}

/// Right after filing.
#[derive(Template, WebTemplate)]
#[template(path = "portal/receipt.html")]
pub struct ReceiptPage {
    pub chrome: Chrome,
    pub facts: ReceiptFacts,
    /// Telephone the news goes to: "尾号 0416". None when there is none.
    pub telephone_words: Option<String>,
}

/// A5, black only, without header and footer.
#[derive(Template, WebTemplate)]
#[template(path = "portal/print_receipt.html")]
pub struct PrintReceiptPage {
    /// "提交回执", "受理通知书"
    pub title: String,
    pub facts: ReceiptFacts,
    /// Who took the papers, masked. None when filed online.
    pub receiver_name: Option<String>,
    /// The QR code as an `<svg>`, made by our own program from the follow address: the only markup a page takes in.
    pub qr_svg: String,
    /// "（收件专用章）"
    pub seal_words: String,
}
