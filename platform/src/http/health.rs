//! Health for the one who runs it: `live` says that the process answers, `ready` that it can serve (database reachable, migrations run).

use actix_web::{HttpResponse, web};

use crate::db::{Db, DbError};

pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/health/live", web::get().to(live)).route("/health/ready", web::get().to(ready));
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().body("live")
}

async fn ready(db: web::Data<Db>) -> HttpResponse {
    let answer: Result<(), DbError> = db
        .platform(|tx| {
            use diesel::prelude::*;
            crate::db::schema::tenant::table.select(crate::db::schema::tenant::id).first::<i64>(tx.conn).optional()?;
            Ok(())
        })
        .await;
    match answer {
        Ok(()) => HttpResponse::Ok().body("ready"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            HttpResponse::ServiceUnavailable().body("not ready: the database cannot be used")
        }
    }
}
