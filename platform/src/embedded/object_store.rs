//! An S3 server inside this process, with the objects as files. Every request must be signed.
//!
//! It knows no CORS, no lifecycle rules and no listing of multipart uploads; the platform needs none of them (docs/ARCHITECTURE.md §6).

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::thread::JoinHandle;
use std::time::Duration;

use hyper_util::rt::{TokioIo, TokioTimer};
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use tokio::sync::oneshot;

use super::error::{FileContext, Result, StackError};
use super::layout::make_folder;

pub const ACCESS_KEY: &str = "zhengtong";
pub const BUCKET: &str = "zhengtong";
pub const REGION: &str = "us-east-1";

/// Threads that hash and copy; the file system calls have their own.
const THREADS: usize = 2;
/// How long requests under way get to finish when the store is stopped.
const STOP_LIMIT: Duration = Duration::from_secs(2);
/// Pause after a failed accept, which mostly means that the process is out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

pub struct ObjectStore {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl ObjectStore {
    /// Serves `folder` from now on; the bucket exists when this returns.
    pub fn start(folder: &Path, secret_key: &str) -> Result<ObjectStore> {
        make_folder(&folder.join(BUCKET), None)?;
        let file_system = s3s_fs::FileSystem::new(folder)
            .map_err(|error| StackError::Other { what: format!("cannot serve {}: {error:?}", folder.display()) })?;
        let mut builder = S3ServiceBuilder::new(file_system);
        builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, secret_key));
        let service = builder.build();

        let here = Path::new("127.0.0.1");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("listen on", here)?;
        listener.set_nonblocking(true).context("listen on", here)?;
        let address = listener.local_addr().context("listen on", here)?;
        let (stop, stopped) = oneshot::channel();
        // A runtime of its own, in a thread of its own: whoever starts the stack may be inside another one.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("object-store")
            .enable_all()
            .build()
            .map_err(|source| StackError::Spawn { program: "the object store", source })?;
        let work = move || {
            runtime.block_on(serve(listener, service, stopped));
            runtime.shutdown_timeout(STOP_LIMIT);
        };
        let thread = std::thread::Builder::new().name("object-store".into()).spawn(work);
        let thread = thread.map_err(|source| StackError::Spawn { program: "the object store", source })?;
        Ok(ObjectStore { address, stop: Some(stop), thread: Some(thread) })
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // An error means that it has stopped already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for ObjectStore {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn serve(listener: TcpListener, service: S3Service, mut stopped: oneshot::Receiver<()>) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("the listener is non-blocking and inside a runtime");
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = &mut stopped => return,
        };
        match accepted {
            Ok((stream, _)) => {
                // Small answers must not wait for the acknowledgement of the ones before.
                let _ = stream.set_nodelay(true);
                let service = service.clone();
                tokio::spawn(async move {
                    let mut server = hyper::server::conn::http1::Builder::new();
                    // A connection that breaks off is the client's affair; it has got its error.
                    let _ = server.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the object store could not accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
