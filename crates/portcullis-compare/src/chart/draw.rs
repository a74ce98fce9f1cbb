use std::{error::Error, ops::Range};

use plotters::{
    coord::ranged1d::{Ranged, ValueFormatter},
    coord::types::RangedCoordf64,
    prelude::{
        Cartesian2d, ChartBuilder, ChartContext, Circle, Color, EmptyElement, IntoDrawingArea, IntoFont,
        IntoLogRange, PathElement, Rectangle, SVGBackend, Text, TextStyle, TriangleMarker,
    },
    style::text_anchor::{HPos, Pos, VPos},
};

use crate::{
    Kind, Row,
    chart::{
        label,
        paint::{Paint, tinted},
        scale::{decades, from_zero},
    },
    shown::{duration_ns, per_second},
    whole::whole,
};

/// A plot of one quantity.
pub(crate) struct Chart {
    pub(crate) title: &'static str,
    pub(crate) caption: &'static str,
    /// What is inside of the `<svg>`, or why it could not be drawn.
    pub(crate) drawn: Result<String, String>,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// A row's place in a plot.
struct Mark {
    label: String,
    kind: Kind,
    value: f64,
    spread: f64,
    shown: String,
}

impl Chart {
    /// All there are, of all `rows`.
    pub(crate) fn all(rows: &[Row]) -> Vec<Self> {
        vec![
            Self::dots(
                "Time to verify",
                "One call on one thread, on a logarithmic axis; shorter is better.",
                duration_ns,
                rows,
                |row| (row.verify_ns, row.spread),
            ),
            Self::dots(
                "Time to issue",
                "To sign a token or to log in, on a logarithmic axis; shorter is better.",
                duration_ns,
                rows,
                |row| (row.issue_ns, row.issue_spread),
            ),
            Self::bars(
                "Bytes on each request",
                "The whole line of the header field; fewer is better.",
                rows,
                |row| row.bytes as u64,
            ),
            Self::dots(
                "Verified per second",
                "All cores together, on a logarithmic axis; more is better.",
                per_second,
                rows,
                |row| (row.verify_per_second, row.verify_per_second_spread),
            ),
        ]
    }

    /// A mark and its spread for each row, on a logarithmic axis.
    fn dots(
        title: &'static str,
        caption: &'static str,
        show: fn(u64) -> String,
        rows: &[Row],
        measured: fn(&Row) -> (u64, u64),
    ) -> Self {
        let marks: Vec<_> = rows
            .iter()
            .map(|row| {
                let (value, spread) = measured(row);
                Mark::new(row, value, spread, show(value))
            })
            .collect();
        let range = decades(marks.iter().flat_map(|mark| [mark.least(), mark.value + mark.spread]));
        let tick = |value: &f64| unpadded(&show(whole(*value)));
        let draw = |svg: &mut String, size| -> Result<(), Box<dyn Error>> {
            let area = SVGBackend::with_string(svg, size).into_drawing_area();
            let mut chart =
                builder(&area).build_cartesian_2d(range.clone().log_scale(), lines(marks.len()))?;
            axis(&mut chart, &tick)?;
            for (line, mark) in (0_u32..).zip(&marks) {
                let y = f64::from(line) + MARK_AT;
                let paint = Paint::of(mark.kind).color();
                let [least, value, most] =
                    [mark.least(), mark.value, mark.value + mark.spread].map(|value| value.max(range.start));
                chart.draw_series([PathElement::new(
                    [(range.start, y), (range.end, y)],
                    Paint::Line.color(),
                )])?;
                chart.draw_series([PathElement::new([(least, y), (most, y)], paint.stroke_width(2))])?;
                for end in [least, most] {
                    let cap = PathElement::new([(0, -4), (0, 4)], paint.stroke_width(2));
                    chart.draw_series([EmptyElement::at((end, y)) + cap])?;
                }
                let at = (value, y);
                // Each kind has a shape of its own, for whoever tells no colours apart.
                match mark.kind {
                    Kind::Jwt => drop(chart.draw_series([Circle::new(at, 5, paint.filled())])?),
                    Kind::Paseto => drop(chart.draw_series([TriangleMarker::new(at, 7, paint.filled())])?),
                    Kind::Session => drop(chart.draw_series([
                        EmptyElement::at(at) + Rectangle::new([(-5, -5), (5, 5)], paint.filled())
                    ])?),
                }
                words(&mut chart, line, mark, &range)?;
            }
            area.present()?;
            Ok(())
        };
        Self::new(title, caption, rows.len(), draw)
    }

    /// A bar for each row, from nothing.
    fn bars(title: &'static str, caption: &'static str, rows: &[Row], measured: fn(&Row) -> u64) -> Self {
        let marks: Vec<_> = rows
            .iter()
            .map(|row| {
                let value = measured(row);
                Mark::new(row, value, 0, value.to_string())
            })
            .collect();
        let range = from_zero(marks.iter().map(|mark| mark.value));
        let tick = |value: &f64| whole(*value).to_string();
        let draw = |svg: &mut String, size| -> Result<(), Box<dyn Error>> {
            let area = SVGBackend::with_string(svg, size).into_drawing_area();
            let mut chart = builder(&area).build_cartesian_2d(range.clone(), lines(marks.len()))?;
            axis(&mut chart, &tick)?;
            for (line, mark) in (0_u32..).zip(&marks) {
                let y = f64::from(line) + MARK_AT;
                let bar = [(0.0, y - BAR), (mark.value, y + BAR)];
                chart.draw_series([Rectangle::new(bar, Paint::of(mark.kind).color().filled())])?;
                words(&mut chart, line, mark, &range)?;
            }
            area.present()?;
            Ok(())
        };
        Self::new(title, caption, rows.len(), draw)
    }

    fn new(
        title: &'static str,
        caption: &'static str,
        rows: usize,
        draw: impl FnOnce(&mut String, (u32, u32)) -> Result<(), Box<dyn Error>>,
    ) -> Self {
        let rows = u32::try_from(rows).unwrap_or(u32::MAX);
        let height = rows.saturating_mul(LINE).saturating_add(AXIS + TOP);
        let mut svg = String::new();
        let drawn = match draw(&mut svg, (WIDTH, height)) {
            Ok(()) => Ok(tinted(inside(&svg))),
            Err(error) => Err(error.to_string()),
        };
        Self { title, caption, drawn, width: WIDTH, height }
    }
}

impl Mark {
    fn new(row: &Row, value: u64, spread: u64, shown: String) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a plot shows less than a double holds")]
        let (value, spread) = (value as f64, spread as f64);
        Self { label: label::of(row), kind: row.kind, value, spread, shown }
    }

    /// Where its spread begins. One as wide as the figure itself would reach to zero, which has no place on a logarithmic axis: a tenth of
    /// the figure says as much.
    fn least(&self) -> f64 {
        (self.value - self.spread).max(self.value / 10.0)
    }
}

type Area<'a> = plotters::drawing::DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type Context<'a, 'b, X> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<X, RangedCoordf64>>;

fn builder<'a, 'b>(area: &'a Area<'b>) -> ChartBuilder<'a, 'b, SVGBackend<'b>> {
    let mut builder = ChartBuilder::on(area);
    builder.margin_left(LEFT).margin_right(RIGHT).margin_top(TOP).x_label_area_size(AXIS);
    builder
}

/// As high as the lines are many, the first one on top.
fn lines(count: usize) -> Range<f64> {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX).max(1))..0.0
}

fn axis<X>(chart: &mut Context<'_, '_, X>, tick: &dyn Fn(&f64) -> String) -> Result<(), Box<dyn Error>>
where
    X: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    chart
        .configure_mesh()
        .disable_y_axis()
        .disable_y_mesh()
        .axis_style(Paint::Line.color())
        .bold_line_style(Paint::Line.color())
        .light_line_style(Paint::Line.color().mix(0.0))
        .x_labels(TICKS)
        .x_label_formatter(&tick)
        .x_label_style(style(Paint::Muted, SMALL, HPos::Center))
        .draw()?;
    Ok(())
}

/// The row's name over its mark, and the figure behind it.
fn words<X>(
    chart: &mut Context<'_, '_, X>,
    line: u32,
    mark: &Mark,
    range: &Range<f64>,
) -> Result<(), Box<dyn Error>>
where
    X: Ranged<ValueType = f64>,
{
    let y = f64::from(line);
    let name = Text::new(mark.label.clone(), (NAME_X, 7), style(Paint::Ink, SIZE, HPos::Left));
    chart.draw_series([EmptyElement::at((range.start, y)) + name])?;
    let figure = Text::new(mark.shown.clone(), (FIGURE_X, -5), style(Paint::Muted, SMALL, HPos::Left));
    chart.draw_series([EmptyElement::at((range.end, y + MARK_AT)) + figure])?;
    Ok(())
}

fn style(paint: Paint, size: f64, anchor: HPos) -> TextStyle<'static> {
    // The backend divides by this what it is given.
    let font = ("inherit", size * 1.24).into_font();
    TextStyle { font, color: paint.color().to_backend_color(), pos: Pos::new(anchor, VPos::Top) }
}

/// Without the `<svg>` around it, whose attributes are the page's to choose.
fn inside(svg: &str) -> &str {
    let begun = svg.split_once('>').map_or(svg, |(_, rest)| rest);
    begun.rsplit_once("</svg>").map_or(begun, |(inside, _)| inside)
}

/// A power of ten needs no digits behind the point.
fn unpadded(shown: &str) -> String {
    shown.replace(".00 ", " ").replace(".0 ", " ")
}

/// In units of the picture, of which a narrow screen has about as many in pixels.
const WIDTH: u32 = 420;
const LINE: u32 = 40;
const AXIS: u32 = 26;
const TOP: u32 = 4;
/// Half of the first tick's text.
const LEFT: u32 = 28;
/// A figure, and half of the last tick's text.
const RIGHT: u32 = 86;
const NAME_X: i32 = -26;
const FIGURE_X: i32 = 10;
const SIZE: f64 = 13.0;
const SMALL: f64 = 12.0;
/// Asked for so many, the scale may give one more, and no more than five have room.
const TICKS: usize = 4;
/// How far down in its line, of one, a mark is.
const MARK_AT: f64 = 0.74;
/// Half as thick as a bar.
const BAR: f64 = 0.13;

#[cfg(test)]
mod tests {
    use super::*;

    fn row(verify_ns: u64, spread: u64) -> Row {
        let row = Row::example("a", Kind::Session, 72, verify_ns);
        let (issue_ns, verify_per_second) = (verify_ns, verify_ns);
        Row {
            issue_ns,
            issue_spread: spread,
            spread,
            verify_per_second,
            verify_per_second_spread: spread,
            ..row
        }
    }

    /// The texts of the axis, from left to right.
    fn ticks(chart: &Chart) -> Vec<&str> {
        let texts = chart.drawn.as_ref().unwrap().split("text-anchor=\"middle\"").skip(1);
        texts.map(|text| text.split(['>', '<']).nth(1).unwrap().trim()).collect()
    }

    #[test]
    fn the_ticks_of_however_wide_an_axis_have_room() {
        for (least, most) in [(1, 9), (70, 700), (120, 900_000), (1, 9_000_000), (1, u64::MAX)] {
            for chart in Chart::all(&[row(least, 1), row(most, 1)]) {
                let ticks = ticks(&chart);
                // Five of them are 76 apart, and `100 000 /s` is 65 wide.
                assert!((2..=5).contains(&ticks.len()), "{least} {most} {}: {ticks:?}", chart.title);
            }
        }
    }

    #[test]
    fn a_spread_wider_than_its_figure_leaves_the_axis_as_it_is() {
        let charts = Chart::all(&[row(20_000, 56_000), row(90_000, 129_000)]);
        assert_eq!(ticks(&charts[0]), ["1 µs", "10 µs", "100 µs", "1 ms"]);
    }
}
