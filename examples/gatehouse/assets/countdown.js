// Counts down what the server said is left. It does not ask again: every request would be activity.
const began = performance.now();
const countdowns = [...document.querySelectorAll("[data-seconds]")];

function inWords(seconds) {
  const units = [
    [Math.floor(seconds / 86400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ];
  const largest = units.findIndex(([count]) => count > 0);
  const shown = largest < 0 ? units.slice(3) : units.slice(largest);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(" ");
}

function tick() {
  const passed = Math.floor((performance.now() - began) / 1000);
  for (const countdown of countdowns) {
    const left = Math.max(0, Number(countdown.dataset.seconds) - passed);
    countdown.textContent = left > 0 ? inWords(left) : "over";
    countdown.classList.toggle("soon", left < 60);
  }
}

tick();
setInterval(tick, 1000);
