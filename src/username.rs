//! The username of the greeting: who is greeted, and under which key the birth date is stored.

use std::borrow::Cow;

/// A name made of ASCII letters only, 1 to [`Username::MAX_LEN`] bytes.
///
/// It keeps the spelling of the client, because the greeting echoes it; [`Username::key`] is what a store files it under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username(String);

impl Username {
    /// The longest name, in bytes: the limit that DynamoDB puts on a partition key.
    pub const MAX_LEN: usize = 2048;

    /// Takes `text` as a username.
    ///
    /// # Errors
    ///
    /// [`InvalidUsername`] if it is empty, too long, or has a character that is no ASCII letter.
    pub fn parse(text: String) -> Result<Self, InvalidUsername> {
        let valid = (1..=Self::MAX_LEN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphabetic());
        if valid { Ok(Self(text)) } else { Err(InvalidUsername) }
    }

    /// The name as the client wrote it.
    #[must_use]
    pub fn as_written(&self) -> &str {
        &self.0
    }

    /// The name in lower case: one person, however the name is written.
    #[must_use]
    pub fn key(&self) -> Cow<'_, str> {
        if self.0.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(self.0.to_ascii_lowercase())
        } else {
            Cow::Borrowed(&self.0)
        }
    }
}

/// The text is not a [`Username`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a username is 1 to {} ASCII letters", Username::MAX_LEN)]
pub struct InvalidUsername;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<Username, InvalidUsername> {
        Username::parse(text.to_owned())
    }

    #[test]
    fn keeps_the_spelling_and_files_under_lower_case() {
        let username = parse("AdaLovelace").unwrap();
        assert_eq!(username.as_written(), "AdaLovelace");
        assert_eq!(username.key(), "adalovelace");
    }

    #[test]
    fn the_longest_name_is_2048_letters() {
        assert!(parse(&"a".repeat(2048)).is_ok());
        assert_eq!(parse(&"a".repeat(2049)), Err(InvalidUsername));
    }

    #[test]
    fn refuses_what_is_not_ascii_letters_only() {
        for text in ["", " ", "ada1", "ada lovelace", "ada-l", "adé", "ＡＤＡ", "ada\0", "ada/", "ﬁ"] {
            assert_eq!(parse(text), Err(InvalidUsername), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_username_exactly_if_it_is_ascii_letters(text in "\\PC{0,20}") {
            let letters = !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_uppercase());
            prop_assert_eq!(parse(&text).is_ok(), letters);
        }

        #[test]
        fn every_spelling_has_the_same_key(text in "[a-zA-Z]{1,40}") {
            let upper = parse(&text.to_ascii_uppercase()).unwrap();
            let lower = parse(&text.to_ascii_lowercase()).unwrap();
            prop_assert_eq!(upper.key(), lower.key());
        }
    }
}
