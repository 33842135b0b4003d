//! Usernames and paths: who is greeted, under which key, and what is not a username.

use crate::prelude::*;

pub fn a_username_is_echoed_as_written_and_stored_in_lower_case(subject: &Subject) {
    let lower = subject.suite.username();
    let upper = lower.to_ascii_uppercase();
    let mixed = lower.replace("na", "Na");
    subject.remembers_user(&upper);
    for spelling in [&upper, &lower, &mixed] {
        subject.greets(spelling, spelling);
    }
    subject.greets(&format!("{lower}?name=x"), &lower);
    if subject.backend == Backend::DynamoDb {
        let (client, table) = (subject.suite.client(), &subject.suite.table);
        let request = client.get_item().table_name(table).key("username", AttributeValue::S(lower));
        let stored = subject.suite.runtime.block_on(request.send()).expect("an answer");
        let item = stored.item.expect("the key is the name in lower case");
        assert_eq!(item["dateOfBirth"].as_s().map(String::as_str), Ok("1990-12-10"));
        assert_eq!(item.len(), 2, "{item:?}");
    }
}

pub fn a_username_may_be_percent_encoded(subject: &Subject) {
    let name = subject.suite.username();
    let encoded = name.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
    subject.remembers_user(&encoded);
    subject.greets(&name, &name);
    // It is echoed decoded, and decoded once only.
    let (initial, rest) = (name[..1].to_ascii_uppercase(), &name[1..]);
    subject.greets(&format!("%{:02x}{rest}", initial.as_bytes()[0]), &format!("{initial}{rest}"));
    subject.refuses(&get("/hello/%2541"), 400, "Invalid username");
}

pub fn a_username_has_at_most_2048_letters(subject: &Subject) {
    let (longest, too_long) = ("L".repeat(2048), "L".repeat(2049));
    subject.remembers_user(&longest);
    subject.greets(&longest, &longest);
    subject.greets(&"%4C".repeat(2048), &longest);
    for request in [put(&too_long, "1990-12-10"), get(&format!("/hello/{}", "%4C".repeat(2049)))] {
        subject.refuses(&request, 400, "Invalid username");
    }
}

const NO_USERNAMES: &str = "1 ada1 ada-l ada_l ada.l ada+l ada%20l %20 %20ada ada%0A %00 ada%00 %2F ada%2F ada%2Flovelace \
                            %FF ada%ff %C3%A9 %EF%BC%A1 %F0%9F%8E%82 % ada%4 ada%zz %C4%B0 ad\u{e9}";

pub fn what_is_not_ascii_letters_is_no_username(subject: &Subject) {
    for name in NO_USERNAMES.split(' ') {
        let path = format!("/hello/{name}");
        // It is refused before anything else that is wrong.
        for request in [get(&path), put(name, "1990-12-10"), put_body(name, "{"), request("PUT", &path, &[], "{}")] {
            subject.refuses(&request, 400, "Invalid username");
        }
    }
}

pub fn an_unknown_path_is_not_found(subject: &Subject) {
    for path in "/ /hello /hello/ /hello/ada/ /hello/ada/b //hello/ada /Hello/ada /healthz /health/ /*".split(' ') {
        for method in ["GET", "PUT", "POST", "OPTIONS"] {
            subject.refuses(&request(method, path, &[], ""), 404, "Not found");
        }
    }
}
