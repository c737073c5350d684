/** What a browser lacks, run in the page before its own scripts. */

/** The native dialogs: headless, nobody can answer them. */
export function savePicker() {
  for (const name of ["showSaveFilePicker", "showDirectoryPicker"]) {
    delete Window.prototype[name];
    delete window[name];
  }
}

/**
 * A disk that stops delivering at 30 %, for as long as `window.flows` is not set: the page stays in
 * the middle of its work.
 */
export function savePickerAndFlow() {
  delete Window.prototype.showSaveFilePicker;
  delete window.showSaveFilePicker;
  const { stream } = Blob.prototype;
  Blob.prototype.stream = function () {
    const stops = this.size * 0.3;
    let read = 0;
    const gate = new TransformStream({
      async transform(chunk, controller) {
        while (read > stops && !window.flows) await new Promise((go) => setTimeout(go, 50));
        read += chunk.length;
        controller.enqueue(chunk);
      },
    });
    return stream.call(this).pipeThrough(gate);
  };
}

/** The native dialogs, and a disk that delivers nothing beyond 30 % while `window.held` is set. */
export function savePickerAndHold() {
  for (const name of ["showSaveFilePicker", "showDirectoryPicker"]) {
    delete Window.prototype[name];
    delete window[name];
  }
  const free = async () => {
    while (window.held) await new Promise((go) => setTimeout(go, 20));
  };
  const { arrayBuffer, stream } = Blob.prototype;
  Blob.prototype.arrayBuffer = async function () {
    await free();
    return arrayBuffer.call(this);
  };
  Blob.prototype.stream = function () {
    const stops = this.size * 0.3;
    let read = 0;
    const gate = new TransformStream({
      async transform(chunk, controller) {
        if (read > stops) await free();
        read += chunk.length;
        controller.enqueue(chunk);
      },
    });
    return stream.call(this).pipeThrough(gate);
  };
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
