//! Signing in, first page: who are you. Name, identity number and telephone are checked for their form, a code goes to the telephone, and
//! the three travel on in a sealed ticket: nothing about a person is stored before the telephone has answered.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::Duration;
use platform::http::problem::Problem;
use platform::limit::{CODES_FROM_ADDRESS, CODES_TO_TELEPHONE};
use platform::permit::Permit;
use platform::sms::one_time_code::{CODE_LIFE, OneTimeCodeError};
use serde::Deserialize;

use super::actions::SignIn;
use super::chrome::Chrome;
use super::citizens::Profile;
use super::forms::FieldError;
use super::input::{Input, Posted};
use super::limits::{address_of, go_on};
use super::pages_sign_in::{SignInCodePage, SignInPage};
use super::reply::{go_to, own_page, own_page_with};
use super::ticket::{self, Purpose};
use super::visitor::{self, way_back};
use crate::clock::china_time::date_in_china;
use crate::context::{Context, SharedContext};
use crate::people::identity_number::IdentityNumber;
use crate::people::person_name::PersonName;
use crate::people::telephone::Telephone;

/// The attempt between the two pages; long enough to find the telephone and to ask for a second code.
pub const TICKET_LIFE_MINUTES: i64 = 15;
pub const TICKET: Purpose<'static> = Purpose { name: "ticket.sign_in", of: b"" };

#[derive(Deserialize)]
pub struct SignInQuery {
    #[serde(default)]
    back: String,
}

#[get("/sign-in")]
pub async fn show_sign_in(
    context: SharedContext,
    permit: Permit<SignIn>,
    request: HttpRequest,
    query: web::Query<SignInQuery>,
) -> Result<HttpResponse, Problem> {
    let back = way_back(&query.back);
    if permit.citizen().is_ok() {
        return Ok(go_to(back));
    }
    own_page(&empty_page(visitor::chrome(&context, &request, &permit).await?, back))
}

#[post("/sign-in")]
pub async fn ask_for_code(
    context: SharedContext,
    permit: Permit<SignIn>,
    request: HttpRequest,
    posted: Posted,
) -> Result<HttpResponse, Problem> {
    let input = Input::of(posted);
    let back = way_back(input.text("back"));
    let chrome = visitor::chrome(&context, &request, &permit).await?;
    match check(&context, &input) {
        Ok(profile) => {
            let told = send_code(&context, &request, &profile).await?;
            own_page(&code_page(&context, chrome, back, &profile, told)?)
        }
        Err(errors) => {
            let page = SignInPage {
                name: input.text("name").to_owned(),
                identity_number: input.text("identity_number").to_owned(),
                telephone: input.text("telephone").to_owned(),
                errors,
                ..empty_page(chrome, back)
            };
            own_page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

pub fn empty_page(mut chrome: Chrome, back: &str) -> SignInPage {
    chrome.here = super::paths::sign_in(back);
    let reason = back.starts_with("/apply/").then(|| "网上申请要先知道您是谁。填好以后我们发一个验证码给您，不用记密码。".to_owned());
    SignInPage {
        chrome,
        back: back.to_owned(),
        reason,
        name: String::new(),
        identity_number: String::new(),
        telephone: String::new(),
        errors: Vec::new(),
    }
}

/// The second page, with the attempt sealed into it.
pub fn code_page(
    context: &Context,
    mut chrome: Chrome,
    back: &str,
    profile: &Profile,
    errors: Vec<FieldError>,
) -> Result<SignInCodePage, Problem> {
    chrome.here = super::paths::sign_in(back);
    let ticket = ticket::write(&context.keys, TICKET, profile, context.now(), Duration::minutes(TICKET_LIFE_MINUTES))
        .map_err(|error| Problem::internal(&error))?;
    Ok(SignInCodePage {
        chrome,
        back: back.to_owned(),
        ticket,
        telephone_masked: Telephone::parse(&profile.telephone).map(|telephone| telephone.masked()).unwrap_or_default(),
        valid_minutes: u32::try_from(CODE_LIFE.as_secs() / 60).unwrap_or_default(),
        demonstration_code: None,
        errors,
    })
}

/// The code belongs to the person and the telephone together: one that was read aloud for a neighbour signs nobody else in.
pub fn code_subject(profile: &Profile) -> String {
    format!("sign-in:{}|{}", profile.telephone, profile.identity_number)
}

/// Sends a code. A code that went out a moment ago is still good; then the page says so and nothing is sent.
pub async fn send_code(context: &Context, request: &HttpRequest, profile: &Profile) -> Result<Vec<FieldError>, Problem> {
    let subject = code_subject(profile);
    go_on(context.limits.hit("codes_from", &address_of(request), CODES_FROM_ADDRESS).await)?;
    go_on(context.limits.peek("codes_to", &profile.telephone, CODES_TO_TELEPHONE).await)?;
    let code = match context.codes.issue(&subject).await {
        Ok(code) => code,
        Err(OneTimeCodeError::TooSoon { retry_after }) => {
            let seconds = retry_after.as_secs().max(1);
            return Ok(vec![FieldError::new("code", format!("验证码刚发过，请先看看手机；还没收到的话，{seconds} 秒以后再要"))]);
        }
        Err(OneTimeCodeError::Unavailable(error)) => {
            tracing::warn!(%error, "one-time codes cannot be kept");
            return Err(Problem::unavailable());
        }
    };
    // Counted only now, so that impatience costs nothing; whoever came too late for the last one gets none.
    if let Err(problem) = go_on(context.limits.hit("codes_to", &profile.telephone, CODES_TO_TELEPHONE).await) {
        take_back(context, &subject).await;
        return Err(problem);
    }
    let text = format!("验证码 {code}，{} 分钟内有效，用来登录政务服务。不是您本人操作的，请不要告诉任何人。", CODE_LIFE.as_secs() / 60);
    if let Err(error) = context.sms.send(&profile.telephone, &text).await {
        tracing::warn!(%error, "a one-time code could not be sent");
        take_back(context, &subject).await;
        return Err(Problem::unavailable());
    }
    Ok(Vec::new())
}

async fn take_back(context: &Context, subject: &str) {
    if let Err(error) = context.codes.withdraw(subject).await {
        tracing::warn!(%error, "a one-time code could not be taken back");
    }
}

/// The three facts in their one spelling, or what is wrong with each.
fn check(context: &Context, input: &Input) -> Result<Profile, Vec<FieldError>> {
    let today = date_in_china(context.now());
    let name = PersonName::parse(input.text("name")).map_err(|error| FieldError::new("name", error.to_string()));
    let number = IdentityNumber::parse_on(input.text("identity_number"), today)
        .map_err(|error| FieldError::new("identity_number", error.to_string()));
    let telephone =
        Telephone::parse(input.text("telephone")).map_err(|error| FieldError::new("telephone", error.to_string())).and_then(|telephone| {
            match telephone.is_mobile() {
                true => Ok(telephone),
                false => Err(FieldError::new("telephone", "座机收不到验证码，请填 11 位手机号")),
            }
        });
    match (name, number, telephone) {
        (Ok(name), Ok(number), Ok(telephone)) => Ok(Profile {
            name: name.as_str().to_owned(),
            identity_number: number.as_str().to_owned(),
            telephone: telephone.as_str().to_owned(),
        }),
        (name, number, telephone) => Err([name.err(), number.err(), telephone.err()].into_iter().flatten().collect()),
    }
}
