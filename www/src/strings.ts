/**
 * Every text of the page. Plain strings may stand in index.html as {{group.name}}, where the build
 * puts them; the functions are for texts that are made while the page runs.
 */
export const strings = {
  page: {
    title: "Encrypt and decrypt files with a passphrase or a key (age, age-rt)",
    description:
      "Encrypt and decrypt files of any size with a passphrase or a key, in your browser. Nothing is uploaded.",
    heading: "Encrypt or decrypt files",
    lead: "Encrypt files of any size and open .age files on this device. Nothing is uploaded.",
    tabs: "What to encrypt or decrypt",
    files: "Files",
    text: "Text",
    live: "Live",
    noScript: "This page encrypts on your device, and needs JavaScript to do so.",
    notLoaded:
      "This page did not load completely, so nothing on it works yet. Load it again. If that does not help, an extension or a network filter may be blocking its script: use another browser, or the age command.",
    noWebAssembly:
      "This browser has WebAssembly switched off (a lockdown or “safer” mode), or is from before 2023. Switch it on for this page, use another browser, or use the age command.",
    version: "age-rt-wasm",
    verify:
      "The page is static. Its script and style carry their hashes, its policy forbids every request to another origin, and it works offline once loaded.",
    script: "script",
    build: "To check this copy, build the same version yourself and compare the hashes.",
    sums: "Hashes of every file",
    shortName: "age files",
    keep: "To keep this page with a file, or to use it without a network, save it as one file:",
    copy: "the page as one file",
    source: "Source",
    package: "npm package",
    protocol: "Protocol",
    security: "Security",
  },
  files: {
    choose: "Choose files",
    drop: "or drop them here",
    folder: "Choose a folder",
    several: (type: string) => `Several become one .${type}.`,
    add: "Add more files",
    count: (count: string, size: string, hidden: string) =>
      `${count} files, ${size}${hidden === "0" ? "" : `, ${hidden} of them not shown`}`,
    packed: (type: string, count: string) =>
      `The receiver gets one .${type} with ${count === "1" ? "the file" : `all ${count} files`}, and unpacks it after decrypting.`,
    andMore: (count: string) => `and ${count} more`,
    remove: "Remove",
    removeAll: "Remove all",
    removeLabel: (name: string) => `Remove ${name}`,
    willBe: "The result will be named",
    look: "Look inside first",
    lookShort: "Look inside",
    lookLabel: (name: string) => `Look inside ${name}`,
    alone: "To change what opens a file, choose that file alone.",
    news: "(something has ended)",
    change: "Change passphrase or keys",
    salvage: "See what can be recovered",
    heavy: "Open it all the same",
    archiveType: "Files and folders become",
    zip: ".zip",
    zipHint: "Every system unpacks it.",
    tar: ".tar",
    tarHint: "For Linux, macOS and Windows 10 or later.",
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
    work: "Work to try a passphrase",
    workLess: "Less (work factor 16)",
    workLessHint: "A quarter: for slow devices. Whoever guesses is four times as fast, too.",
    workUsual: "Standard (work factor 18)",
    workUsualHint: "What age programs use.",
    workMore: "More (work factor 20)",
    workMoreHint:
      "Four times as slow to guess and to open; most programs need 1 GB of memory for it.",
    form: "Form",
    armor: "As text (armored)",
    armorHint: "To paste into a mail or a chat; a third larger.",
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
    opening: "Opening it with the key",
    passkey: "Waiting for the passkey",
    encryptingFor: "Encrypting for the keys",
    looking: "Looking inside",
    checking: "Checking every part",
    backAgain: "Still at work. Go back once more to cancel it.",
    choosing: "Choose where to save the result",
    encrypt: "Encrypting",
    decrypt: "Decrypting",
    change: "Saving the changed file",
    saving: "Saving",
    cancelled: "Cancelled. Nothing was kept.",
    lookCancelled: "Cancelled.",
    cancelledLater: (done: string) => `Cancelled. Saved before that: ${done}.`,
  },
  progress: {
    bytes: (done: string, total: string) => `${done} of ${total}`,
    rate: (perSecond: string) => `${perSecond}/s`,
    of: (index: string, count: string) => `${index} of ${count}:`,
    left: (time: string) => `${time} left`,
    title: (percent: string, name: string) => `${percent} · ${name}`,
  },
  result: {
    several: (count: string) => `${count} files decrypted and saved`,
    encrypt: {
      saved: (name: string) => `Encrypted and saved as ${name}`,
      downloaded: (name: string) => `Encrypted: ${name} is among your downloads`,
      detail: (bytes: string, time: string) =>
        `${bytes} in ${time}. Without the passphrase nobody can open it, not even you.`,
      /** Beside the words, which say the rest. */
      detailWithWords: (bytes: string, time: string) => `${bytes} in ${time}.`,
      detailForKeys: (bytes: string, time: string) =>
        `${bytes} in ${time}. Only the owners of the keys that you chose can open it.`,
      detailForPasskey: (bytes: string, time: string) =>
        `${bytes} in ${time}. Without the passkey nobody can open it, not even you.`,
    },
    decrypt: {
      saved: (name: string) => `Decrypted and saved as ${name}`,
      downloaded: (name: string) => `Decrypted: ${name} is among your downloads`,
      detail: (bytes: string, time: string) => `${bytes} in ${time}. Every byte was checked.`,
    },
    change: {
      saved: (name: string) => `Changed and saved as ${name}`,
      downloaded: (name: string) => `Changed: ${name} is among your downloads`,
      detail: (bytes: string, time: string) =>
        `${bytes} in ${time}. Try the new file, then delete the old one: the old file still opens as before.`,
    },
    stored:
      "This browser also keeps a copy on its disk, in the storage of this page, until a minute after you choose “Do another”. If you close the page before that, it may stay until your next visit.",
  },
  next: {
    title: "What comes next",
    copy: "Copy a message to the receiver",
    passphrase: [
      (name: string) => `Send ${name} any way you like, by mail for example.`,
      () => "Tell the passphrase another way: by phone, or face to face.",
      (_: string, address: string, unpack: string) =>
        `The receiver opens ${address || "this page from its file"}, chooses the file and types the passphrase.${unpack}`,
    ],
    key: [
      (name: string) => `Send ${name} any way you like, by mail for example.`,
      (_: string, address: string, unpack: string) =>
        `The receiver opens ${address || "this page from its file"}, chooses the file and then the key file.${unpack}`,
      () =>
        "Anybody who has the public key can encrypt: say another way that the file is from you.",
    ],
    passkey: [
      (name: string) => `Keep ${name} wherever you like: without the passkey nobody can read it.`,
      (_: string, address: string, unpack: string) =>
        `To open it, come back to ${address}, choose the file and press “Use a passkey”.${unpack}`,
      () =>
        "A passkey works at this address alone. To open it elsewhere too, encrypt it for a post-quantum public key as well.",
    ],
    unpack: (name: string) => ` Decrypting gives ${name}: open it to unpack the files.`,
    message: {
      passphrase: (name: string, address: string, unpack: string) =>
        `I am sending you ${name}, an encrypted file. I will tell you its passphrase another way.\n1. Save the file.\n2. ${address ? `Open ${address}` : "Open the page that comes with it"} and choose the file. Nothing is uploaded.\n3. Type the passphrase and choose “Decrypt and save”.\n${unpack}The age command opens it, too: age --decrypt --output file ${name}\n`,
      key: (name: string, address: string, unpack: string) =>
        `I am sending you ${name}, a file that is encrypted for your key.\n1. Save the file.\n2. ${address ? `Open ${address}` : "Open the page that comes with it"} and choose the file. Nothing is uploaded.\n3. Choose your key file and then “Decrypt and save”.\n${unpack}The age command opens it, too: age --decrypt --identity key.txt --output file ${name}\n`,
      unpack: (name: string) => `4. Open ${name} to unpack the files.\n`,
    },
    inDownloads:
      "It is the newest file in your downloads. The browser may have added a number to its name.",
    saved: "It is where you chose to save it.",
    archive: "It is an archive: open it to unpack the files in it.",
    noEnding:
      "Its name does not show what kind of file it is. If it does not open, ask the sender, then add the right ending, such as .pdf, to the name.",
    open: "Open it",
    share: "Share it",
  },
  keys: {
    with: "Opens with",
    passphrase: "A passphrase",
    key: "A key",
    publicKeys: "Public keys of everybody who may open it",
    publicHint: "One per line: age1… or an SSH key. Public keys are no secret.",
    fromFile: "Add from a file",
    make: "Make a key pair",
    makeHint:
      "For people who want to send you files. They encrypt with your public key, and only your key file opens the result.",
    type: "Type of the key",
    x25519: "Standard",
    x25519Hint: "Opens with every age program.",
    hybrid: "Post-quantum",
    hybridHint: "Safe against future quantum computers; opens with age 1.3 or later, and here.",
    makeButton: "Make the pair",
    keep: "Keep this secret.",
    keepHint: "The key file opens everything that is encrypted for you. Nobody can restore it.",
    saveFile: "Save the key file",
    savedFile: "Saved. Save it again",
    fileName: "age-key.txt",
    share: "Share this.",
    shareHint: "Your public key. Whoever has it can encrypt files for you.",
    use: "Encrypt for this key",
    chooseFile: "Choose the key file",
    fileHint: "From age-keygen, this page, or SSH.",
    locked: "Passphrase of the key file",
    paste: "Or paste the private key",
    usePasskey: "Use a passkey",
    makePasskey: "Make a passkey",
    passkeyName: "Encrypted files (age)",
    passkeyUsed: "The browser asks for your passkey when you go on.",
    passkeyMade: "The passkey is made. The browser asks for it when you go on.",
    noPasskey: (advice: string) => `No passkey was made. ${advice}`,
    noPublic: "Paste a public key, or add one from a file.",
    noPrivate: "Choose the key file, or paste the private key.",
    passkeyFirst: "Press “Use a passkey” first.",
    passkeysMissing:
      "This browser has no passkeys that open files. Open it in the browser that has the passkey.",
    made: {
      key: (openers: string) =>
        `It was made for a key. What opens it: ${openers}. If you have no such key, ask the sender to encrypt it again with a passphrase.`,
      keyOnly: (openers: string) =>
        `No passphrase opens it: it was made for a key. What opens it: ${openers}. Choose “A key”.`,
      elsewhere: (openers: string) =>
        `It was made for a key that this page cannot use. What opens it: ${openers}. Use the age command.`,
      passkey: "It was made for a passkey.",
      passphrase: "It was made for a passphrase: the one that you got with it.",
      passphraseOnly: "No key opens it: it was made for a passphrase. Choose “A passphrase”.",
      both: (names: string) =>
        `Some of these files were made for a key, the others for a passphrase. Decrypt one kind after the other. For a key: ${names}.`,
    },
    noKeysIn: (name: string) => `There are no public keys in ${name}.`,
  },
  openers: {
    scrypt: "a passphrase",
    X25519: "an age key (X25519)",
    "ssh-ed25519": "an SSH key (ssh-ed25519)",
    "ssh-rsa": "an SSH key (ssh-rsa)",
    mlkem768x25519: "a post-quantum age key (mlkem768x25519)",
    p256tag: "a hardware key (p256tag)",
    mlkem768p256tag: "a hardware key (mlkem768p256tag)",
    "piv-p256": "a YubiKey (piv-p256)",
    "age-encryption.org/fido2prf": "a passkey (fido2prf)",
  },
  about: {
    title: "About this file",
    several: "About these files",
    format: "Format",
    armored: ", as text (armored)",
    opensWith: "Opens with",
    workFactor: "Work factor",
    recipients: "Keys that open it",
    postquantum: "Safe against future quantum computers",
    yes: "yes",
    no: "no",
    size: "Size of its contents",
    header: "Size of its header",
    unchecked: "The file says this about itself. None of it is verified until the file is opened.",
  },
  inside: {
    title: "Inside",
    back: "Back",
    facts: (size: string) => `${size}. Nothing is saved; each part is checked when it is read.`,
    beginning: (whole: string, exact: string) =>
      `The first ${whole} are undamaged${exact}. What follows is damaged or missing, and cannot be recovered.`,
    complete: (whole: string, exact: string) =>
      `All of its contents are undamaged: ${whole}${exact}. Only what was added after them is left out.`,
    parts: (whole: string, size: string, exact: string) =>
      `${whole} of ${size} are undamaged${exact}.`,
    partsExact: (whole: string, size: string) => ` (${whole} of ${size} bytes)`,
    holes: "These parts are damaged. The saved file has zeros in their place:",
    hole: (size: string, before: string, start: string, end: string) =>
      `${size}, after the first ${before} (bytes ${start} to ${end})`,
    holeAtStart: (size: string, start: string, end: string) =>
      `${size}, at the beginning (bytes ${start} to ${end})`,
    salvaged: (stem: string, extension: string) => `${stem} (damaged)${extension}`,
    saveWhole: (name: string) => `Save the undamaged part as ${name}`,
    saveComplete: (name: string) => `Save its contents as ${name}`,
    save: "Save",
    saveLabel: (name: string) => `Save ${name}`,
    saveAll: "Unpack into a folder",
    saving: (name: string) => `Saving ${name}`,
    savingNow: "Progress of saving",
    stillSaving: "Still saving. Go back once more to stop it.",
    stopped: "Cancelled. Nothing of it was kept.",
    stoppedAfter: (count: string) => `Cancelled. Saved before that: ${count} files.`,
    saved: (name: string) => `Saved: ${name}`,
    savedAll: (count: string, leftOut: string) =>
      `${count} files saved${leftOut === "0" ? "" : `, ${leftOut} left out because of their names`}.`,
    unsafe: "left out: its name is not safe",
    noArchive: "This page cannot read this archive. Decrypt and save it instead.",
    picture: (name: string) => `The picture ${name}`,
    notShown: "This page cannot show this kind of file. Decrypt and save it instead.",
    notPlayed: "This browser cannot play it here. Decrypt and save it instead.",
    tooLarge: (limit: string) =>
      `This page shows pictures of at most ${limit}. Decrypt and save it instead.`,
    start: (size: string) => `Only its first ${size} are shown.`,
  },
  code: {
    title: "The code that does this",
    files: `import { AgeAutoDecryptStream, AgeEncryptStream } from "age-rt-wasm";

const encrypted = file.stream().pipeThrough(new AgeEncryptStream(passphrase));
const decrypted = encrypted.pipeThrough(new AgeAutoDecryptStream(passphrase));
await decrypted.pipeTo(destination);`,
    text: `import { armor, decrypt, encrypt } from "age-rt-wasm";

const message = armor(await encrypt("a text", passphrase));
const bytes = await decrypt(message, passphrase);
const text = new TextDecoder().decode(bytes);`,
    live: `import { AgeRtDecryptStream, AgeRtEncryptStream } from "age-rt-wasm";

const { readable, writable } = new AgeRtEncryptStream(passphrase);
const messages = readable.pipeThrough(new AgeRtDecryptStream(passphrase));
const writer = writable.getWriter();
void writer.write(new TextEncoder().encode("Hello"));`,
    session: `import { openSession } from "age-rt-wasm/session";

const roles = { role: "ada", peerRole: "ben" };
const { readable, writable } = await openSession(socket, { key: passphrase, ...roles });
const writer = writable.getWriter();
void writer.write(new TextEncoder().encode("Hello"));`,
  },
  changing: {
    title: "A new passphrase or key shuts nobody out",
    warning:
      "Whoever had the old passphrase or key and kept the old file can still open that file, and with it the new one. To shut somebody out, encrypt it anew and delete every old copy.",
    how: "How to change it",
    quick: "Only change what opens it",
    quickHint: "The contents stay encrypted as they are.",
    anew: "Encrypt it anew",
    anewHint: "What opened the old file does not open the new one.",
    presentWith: "Opens now with",
    present: "Current passphrase",
    newWith: "Will open with",
    newPassphrase: "A new passphrase",
    newKeys: "Public keys",
    keysHint:
      "Only these keys will open the new file, so include your own. Post-quantum keys protect only what is encrypted anew.",
    new: "New passphrase",
    newAgain: "The new passphrase again",
    submit: "Change it and save",
    submitAnew: "Encrypt anew and save",
    cancel: "Cancel",
    cancelled: "Nothing was changed.",
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
    hint: "A good one is long: ten words that nobody has said before.",
    suggest: "Suggest ten words",
    suggested: (bits: string) =>
      `Nobody can guess these words (${bits} bits), and nobody can restore them. Keep them now, in a password manager or on paper.`,
    kept: "Keep the passphrase, hyphens included. Without it nobody can open this, not even you:",
    notKept: (button: string) =>
      `You have not copied the passphrase, nor said that you have kept it. To go on without it, press “${button}” again.`,
    copyWords: "Copy the passphrase",
    copy: "Copy",
    copied: "Copied",
    keptIt: "I have kept it",
    isKept: "Kept",
    copyFailed: "Select it and copy it yourself",
    strength: {
      weak: (time: string) =>
        `Weak: ten thousand computers guess it within ${time}. Make it longer.`,
      fair: (time: string) => `Fair: ten thousand computers guess it within about ${time}.`,
      strong: "Hard to guess, unless it is a quotation.",
    },
    aMoment: "a moment",
  },
  failure: {
    size: (size: string, exact: string) =>
      `It has ${size} here${exact}: compare that with the size where it came from.`,
    wrongPassphrase: {
      title: "Wrong passphrase",
      advice:
        "Press Show and compare letter by letter: capitals, spaces at either end, hyphens or spaces between words. Then try again. Letters with accents can differ between devices: try the one where it was first typed. If you are sure of it, the start of the file may be damaged: get the file again.",
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
        "Its header was changed, so nothing after it can be trusted. Storage or transfer may have changed it. Get the file again.",
    },
    trailing: {
      title: "Something was added to the file",
      advice: (good: string) =>
        `${good ? `All of its contents are intact (${good})` : "It is intact, and holds nothing"}, but more bytes follow. Two downloads may have been joined. Get the file again.`,
    },
    notAge: {
      title: "Not an age file",
      advice:
        "This file was not encrypted with age or age-rt, so there is nothing to decrypt. To protect it, choose Encrypt.",
    },
    notAgeInside: {
      title: "Not an encrypted file",
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
        "A part of it is missing or changed. Copy all of it again, from the BEGIN line to the END line.",
    },
    severalMessages: {
      title: "More than one message",
      advice: (count: string) =>
        `There are ${count} encrypted messages in it. Copy one at a time, from its BEGIN line to its END line.`,
    },
    armorTooLarge: {
      title: "Too much text around the message",
      advice: (limit: string) =>
        `This page finds a message within other text in files of at most ${limit}. Remove what stands before the BEGIN line, and save it as UTF-8: then any size opens.`,
    },
    damagedMember: {
      title: "A file in the archive is damaged",
      advice:
        "It was damaged before the archive was encrypted. Get the archive again, from whoever made it.",
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
    moreFaulty: (count: string) => `${count} more of these files cannot be decrypted, either.`,
    moreFailed: (count: string) => `${count} more could not be decrypted. They are still chosen.`,
    othersDone: (names: string) => `Decrypted and saved: ${names}.`,
    partMissing: {
      title: "A part of this page is missing",
      advice: "It could not be loaded. Check the network and try again.",
    },
    recipient: {
      title: "Made for a key, not for a passphrase",
      advice: (openers: string, way: string) => `What opens it: ${openers}. ${way}`,
    },
    otherKey: {
      title: "Made for another key",
      advice: (openers: string, way: string) =>
        `It opens with ${openers}, but not with the one you gave. ${way}`,
    },
    ways: {
      first: {
        keyFile: "Choose the key file here.",
        passkey: "Press “Use a passkey” here.",
        either: "Choose the key file here, or press “Use a passkey”.",
      },
      next: {
        keyFile:
          "Choose another key file, or ask the sender to encrypt the file again for your public key.",
        passkey: "Use the passkey that it was made for.",
        either:
          "Choose another key file, use the passkey that it was made for, or ask the sender to encrypt the file again for your public key.",
      },
      elsewhere: "This page cannot use it: use the age command.",
      some: "Hardware keys work with the age command.",
    },
    forPassphrase: {
      title: "Made for a passphrase, not for a key",
      advice: "No key opens it. Type the passphrase that you got with it.",
    },
    noPasskeys: {
      title: "No passkey could be used",
      advice:
        "Passkeys that encrypt need a current browser and a device or password manager that has PRF. Use another one of these.",
    },
    passkeyRefused: {
      title: "The passkey was not used",
      advice: "The browser's dialog was closed, or it took too long. Try again.",
    },
    unknownKey: (type: string) => `something that this page does not know (${type})`,
    publicKey: {
      title: "Not a public key",
      advice: (message: string) => `${message}.`,
    },
    privateKey: {
      title: "Not a private key",
      advice: (message: string) => `${message}.`,
    },
    mixedKeys: {
      title: "These keys do not go together",
      advice:
        "Post-quantum keys and passkeys cannot stand beside other keys in one file: whoever breaks the weaker one reads it all. Encrypt once for each kind.",
    },
    workFactor: {
      title: "Too much work",
      advice: (asked: string, limit: string) =>
        `The file asks for a work factor of ${asked}. This page and the age command take at most ${limit}. Open it with rage: rage --decrypt --max-work-factor ${asked} file`,
    },
    heavy: {
      title: "This file was made slow to open",
      advice: (asked: string, time: string, memory: string) =>
        `It asks for a work factor of ${asked}: opening it takes ${time} or more, and ${memory} of memory. The file is not damaged. Go on only if you know who made it.`,
    },
    chunkSize: {
      title: "Chunks too large",
      advice:
        "The file was made with larger chunks than this page takes. Open it with the program that made it.",
    },
    outOfMemory: {
      title: "Not enough memory",
      advice:
        "Turning a passphrase into a key takes 256 MB or more for a moment. Close other tabs or programs, and try again.",
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
        "It is longer or shorter than when it was chosen, so nothing was saved. Wait until it is complete, and choose it again.",
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
      "Two ends of one line, both on this page. Type at either end: every change is a message, and every message is one chunk on the wire, encrypted and delivered at once.",
    workFactor:
      "From a passphrase the line derives its keys with less work than files do (work factor 15, not 18), so that it starts at once. A key pair needs no such work.",
    kind: "Line",
    stream: "A stream alone",
    session: "A session",
    kindHint:
      "A session is a layer above two streams. Its ends first prove that they are here now, and not each other’s echo.",
    key: "Key",
    passphrase: "One passphrase",
    keys: "A key pair each",
    publicKey: "Public key",
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
    header: "header",
    nonce: "nonce",
    first: "Hello Ben",
    length: "length",
    ciphertext: "ciphertext",
    tag: "tag",
    final: "final",
    tamper: "Tamper with the next message",
    drop: "Drop it",
    repeat: "Repeat it",
    swap: "Swap it with the next",
    flip: "Flip a bit",
    flipLength: "Flip a bit of the length",
    flipCiphertext: "Flip a bit of the ciphertext",
    flipTag: "Flip a bit of the tag",
    armed: {
      drop: "The next message will be dropped. The receiver notices at the one after it.",
      repeat: "The next message will be sent twice.",
      swap: "The next two messages from one side will change places.",
      "flip-length": "The next message will seem to be 16 MiB longer.",
      flip: "One bit of what the next message says will be flipped.",
      "flip-tag": "One bit of the next message’s tag will be flipped.",
    },
    sit: "Sit in the middle",
    replay: "Replay Ada to Ben",
    reflect: "Reflect Ada to herself",
    attacked: "The attacker has cut the line, and answers in the other’s place.",
    attack: {
      replay: {
        accepted:
          "Ben accepted it: he reads a recording, and takes it for Ada writing now. A stream alone does not show the difference. A session does.",
        refused: (why: string) => `Ben refused the recording, before he saw any of it. ${why}.`,
      },
      reflect: {
        accepted:
          "Ada accepted it: she reads her own words, and takes them for Ben’s. A stream alone does not show the difference. A session does.",
        refused: (why: string) => `Ada refused her own words, before she saw any of them. ${why}.`,
      },
    },
    mark: {
      drop: "dropped",
      repeat: "repeated",
      swap: "swapped",
      "flip-length": "bit flipped",
      flip: "bit flipped",
      "flip-tag": "bit flipped",
      replay: "replayed",
      reflect: "reflected",
    },
    refused: (who: string, index: string, code: string) =>
      `${who} refused chunk ${index}: it is not what was sent in that place (${code}). The line is dead. Everything before that chunk was genuine.`,
    cut: (who: string) => `${who} noticed that the line was cut before its final chunk.`,
    failed: (message: string) => `The line failed: ${message}`,
  },
  text: {
    forKey: (openers: string) =>
      `What opens it: ${openers}. The tab Files takes the message as a file, and asks for the key.`,
    forHeavy: (asked: string) =>
      `It asks for a work factor of ${asked}, which takes long and much memory. Save the message as a file whose name ends in .age, and choose it under Files: there you can open it anyway.`,
    label: "A text to encrypt, or an encrypted message",
    hint: "A message begins with -----BEGIN AGE ENCRYPTED FILE-----. What you encrypt here opens with age --decrypt, too.",
    encrypt: "Encrypt",
    decrypt: "Decrypt",
    result: "Result",
    copy: "Copy",
    copied: "Copied.",
    copyFailed: "The browser did not allow it. The text is selected: copy it yourself.",
    asFile: "Open it under Files",
    fileName: "message.age",
    changed: "The text was changed meanwhile, so that this result was dropped.",
    clear: "Clear",
    cleared: "Cleared.",
    empty: "Type or paste a text first.",
    around: "Text around the message was left out.",
  },
} as const;
