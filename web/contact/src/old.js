// Written for old browsers: those that cannot run the page are shown the way without it.
if (typeof BigInt === "undefined" || typeof AbortController === "undefined") {
  document.getElementById("plain").hidden = false;
}
