//! A case from village to county and back.

use tests::house::House;
use tests::relay::{People, walk};

#[tokio::test]
async fn a_case_travels_to_the_county_and_comes_home() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case_id = walk(&house, &people, 1).await;
    let case = people.agent.get(&format!("/api/v1/cases/{case_id}")).await.expect(200);
    assert_eq!(case["state"], "completed", "{case:#}");
    assert_eq!(case["custody"], "closed");
    assert_eq!(case["relay"]["text"], "村↑镇↑县残联→县民政局↓镇↓村。");
    assert_eq!(house.set_aside(), 0);
}
