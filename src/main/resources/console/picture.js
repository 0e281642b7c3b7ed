// What bytes say of the picture that they are. Only kinds that are nothing but points of colour: an SVG is a document.

/** Of more points none is made: a few bytes can ask for gigabytes. */
const MOST_POINTS = 40_000_000;

const latin = (bytes, from, to) => String.fromCharCode(...bytes.subarray(from, to));

/** `{type, width, height}` of a PNG, JPEG, GIF or WebP that is not too large; null of all else, whatever it is said to be. */
export function pictureOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const found = png(bytes, view) ?? gif(bytes, view) ?? jpeg(bytes, view) ?? webp(bytes, view);
    const points = found ? found.width * found.height : 0;
    return points > 0 && points <= MOST_POINTS ? found : null;
  } catch (problem) {
    if (problem instanceof RangeError) {
      return null; // it ends before its size is said
    }
    throw problem;
  }
}

function png(bytes, view) {
  return latin(bytes, 0, 8) === '\x89PNG\r\n\x1a\n' && latin(bytes, 12, 16) === 'IHDR'
    ? {type: 'image/png', width: view.getUint32(16), height: view.getUint32(20)} : null;
}

function gif(bytes, view) {
  return /^GIF8[79]a$/.test(latin(bytes, 0, 6))
    ? {type: 'image/gif', width: view.getUint16(6, true), height: view.getUint16(8, true)} : null;
}

/** Its size stands in the first frame's header, behind segments that each say how long they are. */
function jpeg(bytes, view) {
  if (latin(bytes, 0, 3) !== '\xff\xd8\xff') {
    return null;
  }
  for (let at = 2; view.getUint8(at) === 0xff;) {
    const marker = view.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      return {type: 'image/jpeg', width: view.getUint16(at + 7), height: view.getUint16(at + 5)};
    }
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
  return null;
}

function webp(bytes, view) {
  if (latin(bytes, 0, 4) !== 'RIFF' || latin(bytes, 8, 12) !== 'WEBP') {
    return null;
  }
  const size = {
    'VP8 ': () => [view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff],
    'VP8L': () => {
      const bits = view.getUint32(21, true);
      return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1];
    },
    'VP8X': () => [(view.getUint32(24, true) & 0xffffff) + 1, (view.getUint32(26, true) >>> 8) + 1],
  }[latin(bytes, 12, 16)]?.();
  return size ? {type: 'image/webp', width: size[0], height: size[1]} : null;
}
