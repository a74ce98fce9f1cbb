use plotters::style::RGBColor;

use crate::Kind;

/// What a shape is painted with. The colour behind it is the page's, so that it may be light or dark.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Paint {
    Ink,
    Muted,
    Line,
    Jwt,
    Paseto,
    Session,
}

impl Paint {
    const ALL: [Self; 6] = [Self::Ink, Self::Muted, Self::Line, Self::Jwt, Self::Paseto, Self::Session];

    pub(crate) const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Jwt => Self::Jwt,
            Kind::Paseto => Self::Paseto,
            Kind::Session => Self::Session,
        }
    }

    /// What stands for it while it is drawn.
    pub(crate) const fn color(self) -> RGBColor {
        RGBColor(1, 2, self as u8)
    }

    /// What the style sheet calls it.
    const fn property(self) -> &'static str {
        match self {
            Self::Ink => "--comparison-ink",
            Self::Muted => "--comparison-muted",
            Self::Line => "--comparison-line",
            Self::Jwt => "--comparison-jwt",
            Self::Paseto => "--comparison-paseto",
            Self::Session => "--comparison-session",
        }
    }
}

/// `svg` with the style sheet's colours in the place of those that stand for them. A text is left as it is: in one, a quote is escaped.
pub(crate) fn tinted(svg: &str) -> String {
    Paint::ALL.iter().fold(svg.to_owned(), |svg, paint| {
        let RGBColor(red, green, blue) = paint.color();
        let drawn = format!("=\"#{red:02X}{green:02X}{blue:02X}\"");
        svg.replace(&drawn, &format!("=\"var({})\"", paint.property()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_becomes_the_style_sheets() {
        let drawn: String = Paint::ALL
            .iter()
            .map(|paint| {
                let RGBColor(red, green, blue) = paint.color();
                format!("<circle fill=\"#{red:02X}{green:02X}{blue:02X}\" stroke=\"none\"/>")
            })
            .collect();
        let tinted = tinted(&drawn);
        assert!(!tinted.contains('#'), "{tinted}");
        for paint in Paint::ALL {
            let filled = format!("<circle fill=\"var({})\" stroke=\"none\"/>", paint.property());
            assert_eq!(tinted.matches(&filled).count(), 1, "{paint:?}");
            assert!(crate::STYLE.contains(&format!("{}: ", paint.property())), "{paint:?}");
        }
    }

    #[test]
    fn a_text_that_looks_like_a_colour_stays() {
        let text = "<text fill=\"none\">fill=&quot;#010200&quot; #010200</text>";
        assert_eq!(tinted(text), text);
    }
}
