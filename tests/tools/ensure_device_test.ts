import assert from "node:assert/strict";
import {
  type Adapter,
  ensureDevice,
  type Machine,
} from "../../tools/ensure_device.ts";

const LINE =
  "apt-get update && apt-get install -y --no-install-recommends mesa-vulkan-drivers libvulkan1 python3-pip";
const LLVMPIPE: Adapter = { name: "llvmpipe (LLVM 15)", hasF16: true };

function machine(
  probes: (Adapter | undefined)[],
  { pip = true, root = true, works = true } = {},
) {
  const said: string[] = [];
  const installed: string[] = [];
  const made: Machine = {
    probe: () => Promise.resolve(probes.shift()),
    hasPip: () => Promise.resolve(pip),
    canInstall: () => root,
    install: (packages) => {
      installed.push(...packages);
      return Promise.resolve(works);
    },
    say: (line) => said.push(line),
  };
  return { made, said, installed };
}

Deno.test("ensureDevice() leaves a machine alone that has all", async () => {
  const { made, said, installed } = machine([LLVMPIPE]);
  assert.equal(await ensureDevice(made), LLVMPIPE);
  assert.deepEqual([said, installed], [[], []]);
});

Deno.test("ensureDevice() installs a driver and pip, then asks anew", async () => {
  const { made, installed } = machine([undefined, LLVMPIPE], { pip: false });
  assert.equal(await ensureDevice(made), LLVMPIPE);
  assert.deepEqual(installed, LINE.split(" ").slice(-3));
});

Deno.test("ensureDevice() installs pip alone where a device is", async () => {
  const { made, installed } = machine([LLVMPIPE], { pip: false });
  assert.equal(await ensureDevice(made), LLVMPIPE);
  assert.deepEqual(installed, ["python3-pip"]);
});

Deno.test("ensureDevice() prints the line where it may not install", async () => {
  const { made, said, installed } = machine([undefined], {
    pip: false,
    root: false,
  });
  assert.equal(await ensureDevice(made), undefined);
  assert.deepEqual(said, [LINE]);
  assert.deepEqual(installed, []);
});

Deno.test("ensureDevice() says so where no device can be had", async () => {
  for (const works of [true, false]) {
    const { made, said } = machine([undefined, undefined], { works });
    assert.equal(await ensureDevice(made), undefined);
    assert.match(said.at(-1) ?? "", /No WebGPU adapter answers/);
  }
});

Deno.test("ensureDevice() warns of OpenGL in place of Vulkan", async () => {
  const { made, said } = machine([{ ...LLVMPIPE, hasF16: false }]);
  assert.notEqual(await ensureDevice(made), undefined);
  assert.match(said.join(), /OpenGL, not Vulkan.*VK_DRIVER_FILES/);
});
