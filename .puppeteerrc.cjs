// The browser comes from the machine, never from a download at install.
module.exports = { skipDownload: true };
