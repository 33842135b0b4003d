//! Birth dates and the days until the next birthday: pure arithmetic on the proleptic Gregorian calendar, with no clock.

use chrono::{Datelike, NaiveDate, Weekday};
use std::fmt;

/// A real date of the years 0001 to 9999.
///
/// Its [`fmt::Display`] is the form it is stored in, `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateOfBirth(NaiveDate);

impl DateOfBirth {
    /// Reads a date written exactly `YYYY-MM-DD`, as clients must write it.
    ///
    /// # Errors
    ///
    /// [`InvalidDate`] for any other form and for dates that do not exist.
    pub fn parse(text: &str) -> Result<Self, InvalidDate> {
        let (year, rest) = digits(text, 4)?;
        let (month, rest) = digits(hyphen(rest)?, 2)?;
        let (day, rest) = digits(hyphen(rest)?, 2)?;
        end(rest)?;
        Self::from_ymd(year, month, day)
    }

    /// Reads a stored date: `YYYY-MM-DD`, or what the original service stored without rewriting it.
    ///
    /// The original accepted every form of Python's `date.fromisoformat`: `YYYYMMDD`, and ISO 8601 weeks as `YYYY-Www-D`,
    /// `YYYYWwwD`, `YYYY-Www` and `YYYYWww` (a week without a day is its Monday).
    ///
    /// # Errors
    ///
    /// [`InvalidDate`] for any other form and for dates that do not exist.
    pub fn parse_stored(text: &str) -> Result<Self, InvalidDate> {
        Self::parse(text).or_else(|InvalidDate| Self::parse_compact(text)).or_else(|InvalidDate| Self::parse_week(text))
    }

    fn parse_compact(text: &str) -> Result<Self, InvalidDate> {
        let (year, rest) = digits(text, 4)?;
        let (month, rest) = digits(rest, 2)?;
        let (day, rest) = digits(rest, 2)?;
        end(rest)?;
        Self::from_ymd(year, month, day)
    }

    fn parse_week(text: &str) -> Result<Self, InvalidDate> {
        let (year, rest) = digits(text, 4)?;
        let (extended, rest) = match rest.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let (week, rest) = digits(rest.strip_prefix('W').ok_or(InvalidDate)?, 2)?;
        let day = if rest.is_empty() {
            1
        } else {
            let (day, rest) = digits(if extended { hyphen(rest)? } else { rest }, 1)?;
            end(rest)?;
            day
        };
        let weekday = day.checked_sub(1).and_then(|days| Weekday::try_from(u8::try_from(days).ok()?).ok());
        let date = NaiveDate::from_isoywd_opt(signed(year), week, weekday.ok_or(InvalidDate)?);
        Self::from_date(date.ok_or(InvalidDate)?)
    }

    fn from_ymd(year: u32, month: u32, day: u32) -> Result<Self, InvalidDate> {
        Self::from_date(NaiveDate::from_ymd_opt(signed(year), month, day).ok_or(InvalidDate)?)
    }

    fn from_date(date: NaiveDate) -> Result<Self, InvalidDate> {
        if (1..=9999).contains(&date.year()) { Ok(Self(date)) } else { Err(InvalidDate) }
    }

    /// Whether the date lies before `today`; who is born today is not greeted yet.
    #[must_use]
    pub fn is_before(self, today: NaiveDate) -> bool {
        self.0 < today
    }

    /// Days from `today` to the next birthday, 0 to 365; 0 is today.
    ///
    /// A birthday on 29 February is kept on 28 February in common years, as `java.time` and Python's dateutil do.
    #[must_use]
    pub fn days_until_birthday(self, today: NaiveDate) -> u32 {
        let this_year = self.birthday_in(today.year());
        let next = if this_year >= today { this_year } else { self.birthday_in(today.year() + 1) };
        u32::try_from(next.signed_duration_since(today).num_days()).expect("the next birthday is not before today")
    }

    fn birthday_in(self, year: i32) -> NaiveDate {
        self.0.with_year(year).unwrap_or_else(|| {
            NaiveDate::from_ymd_opt(year, 2, 28).expect("every year of the calendar has a 28 February")
        })
    }
}

impl fmt::Display for DateOfBirth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}

/// The text is not a date that this service takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a date is a real day of the years 0001 to 9999, written YYYY-MM-DD")]
pub struct InvalidDate;

fn digits(text: &str, count: usize) -> Result<(u32, &str), InvalidDate> {
    let (number, rest) = text.split_at_checked(count).ok_or(InvalidDate)?;
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(InvalidDate);
    }
    Ok((number.parse().map_err(|_| InvalidDate)?, rest))
}

fn hyphen(text: &str) -> Result<&str, InvalidDate> {
    text.strip_prefix('-').ok_or(InvalidDate)
}

fn end(text: &str) -> Result<(), InvalidDate> {
    if text.is_empty() { Ok(()) } else { Err(InvalidDate) }
}

fn signed(year: u32) -> i32 {
    i32::try_from(year).expect("a year of four digits fits")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn days(born: &str, today: &str) -> u32 {
        DateOfBirth::parse(born).unwrap().days_until_birthday(date(today))
    }

    #[test]
    fn counts_to_the_next_birthday() {
        assert_eq!(days("1990-12-10", "2026-12-10"), 0);
        assert_eq!(days("1990-12-10", "2026-12-09"), 1);
        assert_eq!(days("1990-12-10", "2026-12-11"), 364);
        assert_eq!(days("1990-01-01", "2025-12-31"), 1);
    }

    #[test]
    fn a_29_february_is_kept_on_the_28th_in_common_years() {
        assert_eq!(days("2000-02-29", "2026-02-28"), 0);
        assert_eq!(days("2000-02-29", "2026-03-01"), 364);
        assert_eq!(days("2000-02-29", "2028-02-28"), 1);
        assert_eq!(days("2000-02-29", "2028-02-29"), 0);
        assert_eq!(days("2000-02-29", "2027-02-28"), 0);
        assert_eq!(days("2000-02-29", "2027-03-01"), 365);
    }

    #[test]
    fn a_28_february_does_not_move() {
        assert_eq!(days("2001-02-28", "2028-02-28"), 0);
        assert_eq!(days("2001-02-28", "2028-02-29"), 365);
    }

    #[test]
    fn centuries_are_common_years_unless_400_divides_them() {
        assert_eq!(days("1896-02-29", "1900-02-28"), 0);
        assert_eq!(days("1996-02-29", "2000-02-28"), 1);
        assert_eq!(days("2096-02-29", "2100-02-28"), 0);
    }

    #[test]
    fn a_written_date_is_exactly_yyyy_mm_dd() {
        for text in ["0001-01-01", "2000-02-29", "1990-12-10", "9999-12-31"] {
            assert_eq!(DateOfBirth::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "0000-01-01",
            "10000-01-01",
            "1990-1-1",
            "1990-02-30",
            "1900-02-29",
            "1990-13-01",
            "1990-00-10",
            "1990-01-00",
            " 1990-01-01",
            "1990-01-01 ",
            "1990-01-01T00:00",
            "19900101",
            "1990-W01-1",
            "+990-01-01",
            "-001-01-01",
            "1990/01/01",
            "1990-01-0１",
            "١٩٩٠-٠١-٠١",
            "1990-01-é",
        ] {
            assert_eq!(DateOfBirth::parse(text), Err(InvalidDate), "{text:?}");
        }
    }

    #[test]
    fn reads_every_form_that_the_original_stored() {
        // The right column is what Python 3.12's date.fromisoformat gives.
        for (stored, read) in [
            ("1985-05-20", "1985-05-20"),
            ("19850520", "1985-05-20"),
            ("1990-W01-1", "1990-01-01"),
            ("1990W017", "1990-01-07"),
            ("2020-W53-7", "2021-01-03"),
            ("2009-W01-1", "2008-12-29"),
            ("1990-W01", "1990-01-01"),
            ("1990W02", "1990-01-08"),
        ] {
            assert_eq!(DateOfBirth::parse_stored(stored).unwrap().to_string(), read, "{stored:?}");
        }
        for text in [
            "1990-W54-1",
            "1990-W00-1",
            "1990-W01-8",
            "1990-W01-0",
            "1990-W011",
            "1990W01-1",
            "1990",
            "2019-W53",
            "0000-W01-1",
        ] {
            assert_eq!(DateOfBirth::parse_stored(text), Err(InvalidDate), "{text:?}");
        }
    }

    /// The oracle: a calendar of its own that walks day by day and knows nothing of chrono.
    mod naive {
        pub type Day = (i32, u32, u32);

        fn is_leap(year: i32) -> bool {
            (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
        }

        fn days_in(year: i32, month: u32) -> u32 {
            match month {
                2 if is_leap(year) => 29,
                2 => 28,
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            }
        }

        fn tomorrow((year, month, day): Day) -> Day {
            if day < days_in(year, month) {
                (year, month, day + 1)
            } else if month < 12 {
                (year, month + 1, 1)
            } else {
                (year + 1, 1, 1)
            }
        }

        fn is_birthday((_, month, day): Day, (year, this_month, today): Day) -> bool {
            let moved = (month, day) == (2, 29) && !is_leap(year);
            (this_month, today) == if moved { (2, 28) } else { (month, day) }
        }

        pub fn days_until_birthday(born: Day, today: Day) -> u32 {
            let mut day = today;
            let mut walked = 0;
            while !is_birthday(born, day) {
                day = tomorrow(day);
                walked += 1;
            }
            walked
        }
    }

    fn parts(date: NaiveDate) -> naive::Day {
        (date.year(), date.month(), date.day())
    }

    /// Days of 1900-01-01 to 2100-12-31.
    fn any_day() -> impl Strategy<Value = NaiveDate> {
        (0..73_414_u64).prop_map(|days| date("1900-01-01") + chrono::Days::new(days))
    }

    /// The days at which calendars go wrong, of leap, common and century years.
    fn edge_day() -> impl Strategy<Value = NaiveDate> {
        let years = prop::sample::select(vec![1900, 1903, 1904, 1996, 1999, 2000, 2023, 2024, 2096, 2099, 2100]);
        let days = prop::sample::select(vec![(1, 1), (2, 27), (2, 28), (2, 29), (3, 1), (12, 31)]);
        (years, days).prop_filter_map("the year has no such day", |(year, (month, day))| {
            NaiveDate::from_ymd_opt(year, month, day)
        })
    }

    fn day() -> impl Strategy<Value = NaiveDate> {
        prop_oneof![any_day(), edge_day()]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn agrees_with_a_walk_day_by_day(born in day(), today in day()) {
            let expected = naive::days_until_birthday(parts(born), parts(today));
            prop_assert_eq!(DateOfBirth(born).days_until_birthday(today), expected);
        }

        #[test]
        fn what_is_written_reads_back(born in day()) {
            let born = DateOfBirth(born);
            prop_assert_eq!(DateOfBirth::parse(&born.to_string()), Ok(born));
            prop_assert_eq!(DateOfBirth::parse_stored(&born.to_string()), Ok(born));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,12}|[0-9W-]{6,11}") {
            let _ = DateOfBirth::parse(&text);
            let _ = DateOfBirth::parse_stored(&text);
        }
    }
}
