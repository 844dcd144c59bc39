// From the text in the page to numbers and sound.

const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

const inflate = async (bytes) => {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};

// A context without a device decodes at the page's rate, whatever the device's, and needs no click before.
// Browsers cut some samples more or less off the ends; loops of all voices need one length.
const decodeAudio = async (base64, { rate, samples }) => {
  const decoded = await new OfflineAudioContext(1, 1, rate).decodeAudioData(bytesOf(base64).buffer);
  const { numberOfChannels } = decoded;
  const exact = new AudioBuffer({ length: samples, numberOfChannels, sampleRate: rate });
  for (let channel = 0; channel < numberOfChannels; channel += 1) {
    exact.copyToChannel(decoded.getChannelData(channel).subarray(0, samples), channel);
  }
  return exact;
};
