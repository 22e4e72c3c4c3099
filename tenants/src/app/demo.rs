//! `zhengtong demo`: a private PostgreSQL, Redis and object store, mail and messages as files, a sample county, server and worker in one process.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use platform::config::{Config, MailTransport, SmsTransport};
use platform::db::bootstrap::{self, RolePasswords};
use platform::embedded::{Stack, StackOptions};
use platform::time::SystemClock;
use url::Url;

use super::cli::{run_server, stop_on_signal};
use super::parts::Parts;
use crate::bundles;

/// Every account of the demo has this password; it is printed at the start.
pub const DEMO_PASSWORD: &str = "zhengtong-demo";

#[derive(Args)]
pub struct DemoOptions {
    /// Folder for everything the demo keeps
    #[arg(long, env = "DEMO_DIR", default_value = ".demo")]
    data_dir: PathBuf,
    /// Address to listen on; a free port is taken if this one is not free
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Folder of the bundle to load
    #[arg(long)]
    bundle: Option<PathBuf>,
    /// Folder of the built console
    #[arg(long, env = "ZT_CONSOLE_DIR")]
    console_dir: Option<PathBuf>,
}

pub async fn run(options: DemoOptions) -> anyhow::Result<()> {
    let stop = stop_on_signal();
    let data_dir = options.data_dir.clone();
    let stack = actix_web::web::block(move || {
        Stack::start(StackOptions { data_dir, durable: true, report: Arc::new(|line| eprintln!("  {line}")) })
    })
    .await??;
    let listener = bind(options.listen)?;
    let mut config = stack.config();
    config.listen = listener.local_addr()?;
    config.public_url = Url::parse(&format!("http://{}", config.listen))?;
    if let Some(console_dir) = options.console_dir.or_else(find_console) {
        config.console_dir = console_dir;
    }
    prepare_database(&stack.superuser_url(), &config).await?;
    let parts = Parts::connect(&config, Arc::new(SystemClock)).await?;
    load_sample(&parts, options.bundle).await?;
    println!("{}", welcome(&config, &options.data_dir));
    run_server(parts, listener, &config, true, stop).await?;
    eprintln!("stopping; the data stay in {}", options.data_dir.display());
    actix_web::web::block(move || stack.stop()).await??;
    Ok(())
}

/// Roles, migrations and policies; all of it may be there already.
pub async fn prepare_database(superuser_url: &str, config: &Config) -> anyhow::Result<()> {
    let (superuser_url, login_url, owner_url) = (superuser_url.to_owned(), config.database.url.clone(), config.database.owner_url.clone());
    actix_web::web::block(move || {
        let login = Url::parse(&login_url)?.password().unwrap_or_default().to_owned();
        let owner = Url::parse(&owner_url)?.password().unwrap_or_default().to_owned();
        bootstrap::make_roles(&superuser_url, platform::embedded::postgres::DATABASE, &RolePasswords { owner: &owner, login: &login })?;
        bootstrap::migrate(&owner_url)?;
        Ok::<_, anyhow::Error>(())
    })
    .await?
}

async fn load_sample(parts: &Parts, folder: Option<PathBuf>) -> anyhow::Result<()> {
    if !parts.context.register.snapshot().await?.is_empty() && folder.is_none() {
        return Ok(());
    }
    let folder = folder.or_else(bundles::folder::default_dir).context("the sample bundle was not found; name its folder with --bundle")?;
    let bundle = bundles::read::read(&folder).map_err(|problems| {
        anyhow::anyhow!(
            "the bundle in {} has problems:\n{}",
            folder.display(),
            problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        )
    })?;
    let title = bundle.head.title.clone();
    let applied = bundles::apply::apply(&parts.context.db, bundle, DEMO_PASSWORD, parts.context.now()).await?;
    eprintln!("  {title}: {} tenants, {} matters, {} posts", applied.tenants, applied.matters, applied.posts);
    parts.context.register.reread().await?;
    Ok(())
}

fn bind(wanted: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(wanted)
        .or_else(|_| TcpListener::bind(SocketAddr::new(wanted.ip(), 0)))
        .with_context(|| format!("neither {wanted} nor a free port of that address can be listened on"))
}

/// The console is built into the source tree; an installed program finds it beside itself.
fn find_console() -> Option<PathBuf> {
    let beside = std::env::current_exe().ok().and_then(|program| program.parent().map(|folder| folder.join("console")));
    let in_tree = Some(PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/console/dist")));
    [beside, in_tree].into_iter().flatten().find(|folder| folder.join("index.html").exists())
}

fn welcome(config: &Config, data_dir: &Path) -> String {
    let address = config.public_url.as_str().trim_end_matches('/');
    let folder_of = |path: &Path| path.display().to_string();
    let mail = match &config.mail.transport {
        MailTransport::Directory(path) => folder_of(path),
        MailTransport::Smtp { .. } => "SMTP".to_owned(),
    };
    let messages = match &config.sms.transport {
        SmsTransport::Directory(path) => folder_of(path),
        SmsTransport::Http { .. } => "gateway".to_owned(),
    };
    format!(
        "
政通已经就绪 / Zhengtong is ready

  群众 citizens      {address}/
  办公台 staff       {address}/console/
  接口 API           {address}/api/v1/openapi.json
  邮件 mail          {mail}
  短信 messages      {messages}   (one-time codes arrive here)
  数据 data          {data}   (make demo-reset begins anew)

  账号 accounts, all with the password  {DEMO_PASSWORD}
    qianliang.agent          前梁村 代办员          files for a neighbour, scans, hands on
    tingluo.window           汀罗镇 窗口            accepts, tells the result
    tingluo.civil            汀罗镇 民政办          first review
    lijin.federation         利津县残联             reviews the disability
    lijin.civil.review       利津县民政局 审查      examines
    lijin.civil.decide       利津县民政局 决定      decides
    lijin.supervisor         利津县 监督            sees all of the county

  试一试 try: 残疾人两项补贴, from 前梁村 to the county and back:
    1. as qianliang.agent: 收件 → 残疾人两项补贴 → fill in, add two pictures → 收件 → 移交
    2. as tingluo.window: 受理; as tingluo.civil: 通过
    3. as lijin.federation, lijin.civil.review: 通过; as lijin.civil.decide: 作出决定
    4. as tingluo.window: 已告知; as qianliang.agent: 送达
    A valid, made-up identity number: {identity}

  Ctrl-C stops everything.
",
        data = data_dir.display(),
        identity = crate::people::identity_number::IdentityNumber::new_synthetic(7).as_str(),
    )
}
