// SPDX-License-Identifier: Apache-2.0
// Runs before the first paint, so that a chosen theme does not flash; a file of its own because the policy forbids inline scripts.
(function () {
  var chosen = null;
  try {
    chosen = (JSON.parse(localStorage.getItem("garrison.preferences")) || {}).theme;
  } catch (error) {
    chosen = null; // Storage may be switched off; the system's choice then holds.
  }
  var dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
