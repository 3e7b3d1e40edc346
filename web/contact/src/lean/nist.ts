/**
 * Stands in for @noble/curves/nist.js, which the post-quantum package mentions for KEMs that the page does not know
 * (ML-KEM with P-256 or P-384). The page seals to ML-KEM-768 with X25519 alone; this keeps 6 KB away from every phone.
 */

const absent = {
  lengths: { secretKey: 0, publicKey: 0, publicKeyUncompressed: 0, seed: 0 },
  Point: { Fn: {} },
  getSharedSecret(): never {
    throw new Error("not in this page");
  },
};

export const p256 = absent;
export const p384 = absent;
export const p521 = absent;
