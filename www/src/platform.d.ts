/** What Chromium has and TypeScript's DOM library leaves out, since the other engines lack it. */

interface SaveFilePickerOptions {
  suggestedName?: string;
}

interface Window {
  showSaveFilePicker?(options?: SaveFilePickerOptions): Promise<FileSystemFileHandle>;
  showDirectoryPicker?(options?: { mode: "readwrite" }): Promise<FileSystemDirectoryHandle>;
  launchQueue?: {
    setConsumer(consumer: (launched: { readonly files: FileSystemFileHandle[] }) => void): void;
  };
}

interface FileSystemFileHandle {
  /** Deletes the file. */
  remove?(): Promise<void>;
}

interface TrustedScriptURL {
  readonly __brand: "TrustedScriptURL";
}

interface TrustedTypePolicy {
  createScriptURL(url: string): TrustedScriptURL;
}

interface Window {
  trustedTypes?: {
    createPolicy(name: string, rules: { createScriptURL(url: string): string }): TrustedTypePolicy;
  };
}
