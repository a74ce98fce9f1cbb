use std::io::{self, BufRead, Write};

use portcullis_compare::{Callers, Logout, Questions, Verifiers};

/// Asks what is not answered yet. An empty line, or the end of the input, leaves a question open.
pub(super) fn ask(
    questions: Questions,
    input: &mut impl BufRead,
    output: &mut impl Write,
) -> io::Result<Questions> {
    if questions.answers().is_some() {
        return Ok(questions);
    }
    writeln!(output, "Three answers decide which to choose. An empty one leaves the question open.")?;
    let mut dialogue = Dialogue { input, output };
    Ok(Questions {
        callers: match questions.callers {
            None => dialogue.choose(Callers::QUESTION, Callers::ALL, Callers::title)?,
            answered => answered,
        },
        logout: match questions.logout {
            None => dialogue.choose(Logout::QUESTION, Logout::ALL, Logout::title)?,
            answered => answered,
        },
        verifiers: match questions.verifiers {
            None => dialogue.choose(Verifiers::QUESTION, Verifiers::ALL, Verifiers::title)?,
            answered => answered,
        },
    })
}

struct Dialogue<'a, R, W> {
    input: &'a mut R,
    output: &'a mut W,
}

impl<R: BufRead, W: Write> Dialogue<'_, R, W> {
    fn choose<T: Copy, const N: usize>(
        &mut self,
        question: &str,
        all: [T; N],
        title: fn(T) -> &'static str,
    ) -> io::Result<Option<T>> {
        writeln!(self.output, "\n{question}")?;
        for (at, answer) in all.into_iter().enumerate() {
            writeln!(self.output, "  {}  {}", at + 1, title(answer))?;
        }
        loop {
            write!(self.output, "> ")?;
            self.output.flush()?;
            let mut line = String::new();
            if self.input.read_line(&mut line)? == 0 {
                writeln!(self.output)?;
                return Ok(None);
            }
            let given = line.trim();
            if given.is_empty() {
                return Ok(None);
            }
            let number = given.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            if let Some(answer) = number.and_then(|at| all.get(at)) {
                return Ok(Some(*answer));
            }
            writeln!(self.output, "A number from 1 to {N}, or nothing.")?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(questions: Questions, input: &str) -> (Questions, String) {
        let mut output = Vec::new();
        let questions = ask(questions, &mut input.as_bytes(), &mut output).unwrap();
        (questions, String::from_utf8(output).unwrap())
    }

    #[test]
    fn numbers_answer_in_turn() {
        let (questions, asked) = answered(Questions::default(), "2\n1\n3\n");
        assert_eq!(questions.callers, Some(Callers::Programs));
        assert_eq!(questions.logout, Some(Logout::Immediate));
        assert_eq!(questions.verifiers, Some(Verifiers::Standard));
        assert!(asked.contains("  2  programs"), "{asked}");
    }

    #[test]
    fn what_is_no_answer_is_asked_again_and_what_is_empty_stays_open() {
        let (questions, asked) = answered(Questions::default(), "0\n3\n-1\nyes\n1\n\n");
        assert_eq!(questions.callers, Some(Callers::Browsers));
        assert_eq!((questions.logout, questions.verifiers), (None, None));
        assert_eq!(asked.matches("A number from 1 to 2").count(), 4, "{asked}");
    }

    #[test]
    fn what_was_answered_is_not_asked() {
        let given = Questions { logout: Some(Logout::Later), ..Questions::default() };
        let (_, asked) = answered(given, "1\n1\n");
        assert!(!asked.contains(Logout::QUESTION) && asked.contains(Verifiers::QUESTION), "{asked}");
        let all = Questions { callers: Some(Callers::Browsers), verifiers: Some(Verifiers::Ours), ..given };
        assert_eq!(answered(all, ""), (all, String::new()));
    }
}
