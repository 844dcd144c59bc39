// From the text in the page to numbers and sound.

const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

const inflate = async (bytes) => {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};

// A context without a device decodes at the page's rate, whatever the device's, and needs no click before.
const decodeAudio = (base64, rate) =>
  new OfflineAudioContext(1, 1, rate).decodeAudioData(bytesOf(base64).buffer);
