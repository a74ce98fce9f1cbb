// A browser may keep a page that is left, `no-store` or not, and show it again as it was: Chromium does so with the page that a
// login led to, even after the logout. So what it keeps is empty, and is asked for anew when it is shown again.
addEventListener("pagehide", (event) => {
  if (event.persisted) document.body.replaceChildren();
});
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
