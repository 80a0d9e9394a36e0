/* Asks OpenPGP.js: certificates and signatures come in as JSON, one answer for each goes out. */
import { createMessage, readKeys, readSignature, verify } from "openpgp";

async function takes([body, armor], keys) {
  try {
    const signature = await readSignature({ armoredSignature: armor });
    const message = await createMessage({ binary: Buffer.from(body, "base64") });
    const told = await verify({ message, signature, verificationKeys: keys, format: "binary" });
    await Promise.all(told.signatures.map((one) => one.verified));
    return told.signatures.length === 1;
  } catch {
    return false;
  }
}

let text = "";
for await (const piece of process.stdin) text += piece;
const { certificates, signatures } = JSON.parse(text);
const keys = [];
for (const one of certificates) keys.push(...await readKeys({ binaryKeys: Buffer.from(one, "base64") }));
const answers = [];
for (const one of signatures) answers.push(await takes(one, keys));
process.stdout.write(JSON.stringify(answers));
