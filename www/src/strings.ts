/**
 * Every text of the page. Plain strings may stand in index.html as {{group.name}}, where the build puts them; the functions are for
 * texts that are made while the page runs.
 */
export const strings = {
  page: {
    title: "Encrypt and decrypt files with a passphrase (age, age-rt)",
    description:
      "Encrypt and decrypt files of any size with a passphrase, in your browser. Nothing is uploaded.",
    heading: "Encrypt or decrypt with a passphrase",
    lead: "Files of any size, on this device. Nothing is uploaded.",
    tabs: "What to encrypt or decrypt",
    files: "Files",
    text: "Text",
    live: "Live",
    noScript: "This page encrypts on your device and needs JavaScript for it.",
    notLoaded:
      "This page did not load completely, so that nothing works on it yet. Load it again. If that does not help, an extension or a network filter may block its script: use another browser, or the age command.",
    noWebAssembly:
      "This browser has WebAssembly switched off (a lockdown or “safer” mode), or is from before 2023. Switch it on for this page, use another browser, or use the age command.",
    version: "age-rt-wasm",
    verify:
      "The page is static. Its script and style carry their hashes, its policy forbids every request to another origin, and it works offline once loaded.",
    script: "script",
    build: "To check this copy, build the same version yourself and compare the hashes.",
    sums: "Hashes of every file",
  },
  files: {
    choose: "Choose files",
    drop: "or drop them here",
    folder: "Choose a folder",
    several: "Several files, or a folder, are packed into one .tar.",
    change: "Choose others",
    count: (count: string) => `${count} files`,
    archive: "files",
    encrypt: "Encrypt",
    decrypt: "Decrypt",
    action: "What to do with the file",
    encryptSubmit: "Encrypt and save",
    decryptSubmit: "Decrypt and save",
    options: "More options",
    format: "Format",
    formatAge: "age",
    formatAgeHint: "Opens with age, rage and every age app.",
    formatAgeRt: "age-rt",
    formatAgeRtHint: "For live streams; opens with age-rt.",
    cancel: "Cancel",
    where: "Choose where to save",
    again: "Do another",
    saveAgain: "Save it again",
    none: "Choose a file first.",
    unreadable: "That cannot be read. Choose something else.",
    nothing: "There is no file in that folder.",
    progress: "Progress",
  },
  stage: {
    deriving: "Turning the passphrase into a key (slow on purpose)",
    choosing: "Choose where to save the result",
    encrypt: "Encrypting",
    decrypt: "Decrypting",
    saving: "Saving",
    cancelled: "Cancelled. Nothing was kept.",
  },
  progress: {
    bytes: (done: string, total: string) => `${done} of ${total}`,
    rate: (perSecond: string) => `${perSecond}/s`,
    left: (time: string) => `${time} left`,
    title: (percent: string, name: string) => `${percent} · ${name}`,
  },
  result: {
    encrypt: {
      saved: (name: string) => `Encrypted and saved as ${name}`,
      downloaded: (name: string) => `Encrypted: ${name} is among your downloads`,
      detail: (bytes: string, time: string) =>
        `${bytes} in ${time}. Keep the passphrase: without it nobody can open the file, you included.`,
    },
    decrypt: {
      saved: (name: string) => `Decrypted and saved as ${name}`,
      downloaded: (name: string) => `Decrypted: ${name} is among your downloads`,
      detail: (bytes: string, time: string) => `${bytes} in ${time}. Every byte was checked.`,
    },
    stored:
      "This browser also keeps a copy on its disk, in the storage of this page, until a minute after you choose “Do another”. If you close the page before that, it may stay until your next visit.",
  },
  passphrase: {
    label: "Passphrase",
    confirm: "The same passphrase again",
    show: "Show",
    hide: "Hide",
    showLabel: "Show the passphrase",
    hideLabel: "Hide the passphrase",
    empty: "Type a passphrase.",
    differs: "The two passphrases differ.",
    malformed: "The passphrase holds half a character. Type it again.",
    suggest: "Suggest ten words",
    suggested: (bits: string) =>
      `Nobody can guess these words (${bits} bits), and nobody can restore them. Keep them now, in a password manager or on paper.`,
    kept: "Keep the passphrase. Without it nobody can open this, you included:",
    copyWords: "Copy the passphrase",
    copy: "Copy",
    copied: "Copied",
    copyFailed: "Select it and copy it yourself",
    strength: {
      weak: (time: string) =>
        `Weak: ten thousand computers guess it within ${time}. Make it longer, or take ten words.`,
      fair: (time: string) => `Fair: ten thousand computers guess it within about ${time}.`,
      strong: "Hard to guess, unless it is a quotation.",
    },
    aMoment: "a moment",
  },
  failure: {
    size: (size: string) => `It has ${size} here: compare that with the size where it came from.`,
    wrongPassphrase: {
      title: "Wrong passphrase",
      advice:
        "Check capitals, spaces at either end and the keyboard layout, and try again. Letters with accents can differ between devices: try the one where it was first typed. If you are sure of it, the start of the file may be damaged: get the file again.",
    },
    truncated: {
      title: "The file is incomplete",
      advice: (good: string) =>
        `It ends too early: ${good ? `its first ${good} are whole, the rest is missing` : "none of its contents is there"}. A download or copy was probably cut short. Get the file again.`,
    },
    empty: {
      title: "The file is empty",
      advice: () =>
        "There is nothing in it to decrypt: a download or copy has probably failed. Get the file again.",
    },
    damaged: {
      title: "The file is damaged",
      advice: (good: string) =>
        `${good ? `It is whole up to ${good}; what follows` : "Its beginning"} is not what was encrypted. Storage or transfer may have changed it. Get the file again.`,
    },
    damagedEnd: {
      title: "The file is incomplete or damaged",
      advice: (good: string) =>
        `${good ? `It is whole up to ${good}; the end` : "Its end"} was cut off, changed or added to. A download was probably cut short. Get the file again.`,
    },
    damagedHeader: {
      title: "The start of the file is damaged",
      advice:
        "Its header is not as it was made, so that nothing after it can be trusted. Storage or transfer may have changed it. Get the file again.",
    },
    trailing: {
      title: "Something was added to the file",
      advice: (good: string) =>
        `${good ? `All of its contents are right (${good})` : "It is right, and holds nothing"}, but more bytes follow. Two downloads may have been joined. Get the file again.`,
    },
    notAge: {
      title: "Not an age file",
      advice:
        "This file was not encrypted with age or age-rt, so that there is nothing to decrypt. To protect it, choose Encrypt.",
    },
    notAgeInside: {
      title: "Not an age file inside",
      advice: () =>
        "Its name ends in .age, but its contents are something else: probably a failed download, with a web page saved in its place. Get the file again.",
    },
    rewritten: {
      title: "A shell has rewritten this file",
      advice:
        "It is an age file that was saved with > in a shell such as PowerShell, which takes it for text. Some of its bytes are lost. It has to be encrypted again: age -p -o file.age file",
    },
    armor: {
      title: "The message is not whole",
      advice:
        "A part of it is missing or changed. Take it over complete, from the BEGIN line to the END line.",
    },
    severalMessages: {
      title: "More than one message",
      advice: (count: string) =>
        `There are ${count} encrypted messages in it. Take over one at a time, from its BEGIN line to its END line.`,
    },
    armorTooLarge: {
      title: "Too large for an armored file",
      advice: (limit: string) =>
        `This page takes armored files of at most ${limit}, and others of any size. Open it with the age command.`,
    },
    notText: {
      title: "Not a text",
      advice:
        "The message was opened, but it holds something else. Save it as a file and decrypt it under Files.",
    },
    unknownFormat: {
      title: "A newer format",
      advice:
        "The file was made with a version of age or age-rt that this page does not know. Look for a newer version of this page.",
    },
    recipient: {
      title: "Made for a key, not for a passphrase",
      advice: (types: string) =>
        `The file is encrypted to ${types}. Whoever holds that key opens it with: age --decrypt -i key.txt`,
    },
    workFactor: {
      title: "Too much work",
      advice: (asked: string, limit: string) =>
        `The file asks for a work factor of ${asked}; at most ${limit} fits into a browser. Open it with the age command.`,
    },
    chunkSize: {
      title: "Chunks too large",
      advice:
        "The file was made with larger chunks than this page takes. Open it with the program that made it.",
    },
    outOfMemory: {
      title: "Not enough memory",
      advice:
        "Deriving the key takes 256 MB for a second. Close other tabs or programs and try again.",
    },
    noWebAssembly: {
      title: "No WebAssembly",
      advice:
        "Switch it on for this page (it is off in lockdown and “safer” modes), use another browser, or use the age command.",
    },
    unreadable: {
      title: "The file cannot be read",
      advice: "It was moved, changed or locked since it was chosen. Choose it again.",
    },
    noSpace: {
      title: "No room to save",
      advice:
        "The disk, or the space this browser gives to a page, is full. Make room, or use another browser.",
    },
    tooLarge: {
      title: "Too large for this browser",
      advice: (limit: string) =>
        `This browser lets a page save files of at most ${limit} (in a private window often less). Use a current Chrome, Edge, Firefox or Safari in a normal window.`,
    },
    changed: {
      title: "The file changed while it was read",
      advice:
        "It has more or fewer bytes than when it was chosen, so that nothing was saved. Wait until it is complete, and choose it again.",
    },
    refused: {
      title: "The result could not be saved",
      advice: (message: string) =>
        `The browser, a virus scanner or a policy of this device refused it: ${message} Try another folder or another browser.`,
    },
    stopped: {
      title: "The download was stopped",
      advice: "It was cancelled in the browser's list of downloads.",
    },
    unknown: {
      title: "Something went wrong",
      advice: (message: string) => `This is a fault of the page, not of the file: ${message}`,
    },
  },
  live: {
    intro:
      "Two ends of one line, both on this page, with the same passphrase. Type at either end: every change is a message, and every message is one chunk on the wire, encrypted and delivered at once.",
    workFactor:
      "So that it starts at once, the line derives its keys with less work than files do (work factor 15, not 18).",
    restart: "Connect again",
    hangUp: "Hang up",
    connecting: "Deriving the keys",
    connected: "Connected",
    closed:
      "Ended by both sides. The final chunks say so: a line that was cut would have been noticed.",
    ada: "Ada",
    ben: "Ben",
    types: "types",
    sees: "sees",
    wire: "The wire",
    wireHint: "Newest first; lengths in bytes.",
    adaToBen: "Ada to Ben",
    benToAda: "Ben to Ada",
    chunk: (index: string) => `chunk ${index}`,
    header: "header, nonce",
    length: "length",
    ciphertext: "ciphertext",
    tag: "tag",
    final: "final",
    tamper: "Tamper with the next message",
    drop: "Drop it",
    repeat: "Repeat it",
    swap: "Swap it with the next",
    flip: "Flip a bit",
    armed: {
      drop: "The next message will be dropped. The receiver notices at the one after it.",
      repeat: "The next message will be sent twice.",
      swap: "The next two messages from one side will change places.",
      flip: "One bit of the next message will be flipped.",
    },
    mark: { drop: "dropped", repeat: "repeated", swap: "swapped", flip: "bit flipped" },
    refused: (who: string, index: string) =>
      `${who} refused chunk ${index}: it is not what was sent in that place. The line is dead; everything before it was right.`,
    cut: (who: string) => `${who} noticed that the line was cut before its final chunk.`,
    failed: (message: string) => `The line failed: ${message}`,
  },
  text: {
    label: "A text to encrypt, or an encrypted message",
    hint: "A message begins with -----BEGIN AGE ENCRYPTED FILE-----. What you encrypt here opens with age --decrypt, too.",
    encrypt: "Encrypt",
    decrypt: "Decrypt",
    result: "Result",
    copy: "Copy",
    copied: "Copied.",
    copyFailed: "The browser did not allow it. The text is selected: copy it yourself.",
    clear: "Clear",
    cleared: "Cleared.",
    empty: "Type or paste a text first.",
    around: "Text around the message was left out.",
  },
} as const;
