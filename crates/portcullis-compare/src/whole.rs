/// The whole number next to `value`. No figure is negative, and what is beyond a `u64` is its end.
pub(crate) fn whole(value: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float saturates, and no figure is negative"
    )]
    let whole = value.round() as u64;
    whole
}
