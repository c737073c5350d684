/** What a browser lacks, run in the page before its own scripts. */

/** The native dialog: headless, nobody can answer it. */
export function savePicker() {
  delete Window.prototype.showSaveFilePicker;
  delete window.showSaveFilePicker;
}

export function serviceWorker() {
  delete Window.prototype.showSaveFilePicker;
  delete window.showSaveFilePicker;
  delete Navigator.prototype.serviceWorker;
}

export function privateStorage() {
  delete Window.prototype.showSaveFilePicker;
  delete window.showSaveFilePicker;
  delete Navigator.prototype.serviceWorker;
  delete StorageManager.prototype.getDirectory;
}
