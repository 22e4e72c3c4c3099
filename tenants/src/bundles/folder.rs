//! Where the sample bundle lies: in the source tree, beside the installed program, or where the operator says.

use std::env;
use std::path::{Path, PathBuf};

/// The environment variable that names the folder of bundles. It is read here and in the configuration's list, nowhere else.
pub const BUNDLES_VARIABLE: &str = "ZT_BUNDLES";
pub const SAMPLE_NAME: &str = "dongying";

const FOLDER_NAME: &str = "bundles";
const TREE_FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/bundles");

/// The folder of the sample bundle: below `ZT_BUNDLES` where it is set (then nowhere else), else in the source tree, else
/// beside the executable or up to three folders above it. `None` where it is in none of these.
pub fn default_dir() -> Option<PathBuf> {
    if let Some(named) = env::var_os(BUNDLES_VARIABLE) {
        return sample_in(Path::new(&named));
    }
    let beside = env::current_exe().ok();
    let beside = beside.iter().flat_map(|executable| executable.ancestors().skip(1).take(4));
    let beside = beside.flat_map(|folder| [folder.join(FOLDER_NAME), folder.join("tenants").join(FOLDER_NAME)]);
    std::iter::once(PathBuf::from(TREE_FOLDER)).chain(beside).find_map(|folder| sample_in(&folder))
}

/// The folder itself may be meant, or the folder of bundles above it.
fn sample_in(folder: &Path) -> Option<PathBuf> {
    let below = folder.join(SAMPLE_NAME);
    [below, folder.to_path_buf()].into_iter().find(|candidate| candidate.join(super::read::HEAD_FILE).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_found_by_either_folder() {
        let bundles = Path::new(TREE_FOLDER);
        let sample = bundles.join(SAMPLE_NAME);
        assert_eq!(sample_in(bundles), Some(sample.clone()));
        assert_eq!(sample_in(&sample), Some(sample));
        assert_eq!(sample_in(&bundles.join("calendar")), None);
    }
}
