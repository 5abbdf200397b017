-- A dissector of in-band telemetry (INT 2.1: INT-MD and INT-MX over UDP and TCP) and of telemetry reports (Telemetry Report
-- Format 2.0) for Wireshark and tshark:
--
--   tshark -X lua_script:docs/penstock-int.lua -r capture.pcap -Y int -V
--
-- It is written from the description of the formats, not from the code that makes them, and the tests compare the two field
-- by field. UDP ports and DSCP are preferences: -o int.port:51000 -o int.dscp:23 -o trpt.port:32766.

local int = Proto("int", "In-band Network Telemetry")
local trpt = Proto("trpt", "Telemetry Report")

int.prefs.port = Pref.uint("UDP port", 51000, "Announces INT as UDP destination port")
int.prefs.dscp = Pref.uint("DSCP", 23, "Announces INT in UDP and TCP packets; 64 for none")
trpt.prefs.port = Pref.uint("UDP port", 32766, "Port of the collector")

local kinds = { [1] = "MD", [2] = "Destination", [3] = "MX" }
local nexts = { [0] = "unchanged", [1] = "original UDP port", [2] = "original IP protocol" }
local function u8(name, text, values) return ProtoField.uint8(name, text, base.DEC, values) end
local function u16(name, text) return ProtoField.uint16(name, text, base.DEC) end
local function u24(name, text) return ProtoField.uint24(name, text, base.DEC) end
local function u32(name, text) return ProtoField.uint32(name, text, base.DEC) end
local function u64(name, text) return ProtoField.uint64(name, text, base.DEC) end
local function flag(name, text) return ProtoField.uint8(name, text, base.DEC) end

local f = {
  kind = u8("int.shim.type", "Type", kinds),
  npt = u8("int.shim.npt", "Next protocol", nexts),
  length = u8("int.shim.length", "Words behind the shim"),
  port = u16("int.shim.original_port", "Original UDP port"),
  protocol = u8("int.shim.original_protocol", "Original IP protocol"),
  dscp = u8("int.shim.original_dscp", "Original DSCP"),
  version = u8("int.version", "Version"),
  d = flag("int.d", "D: discard"),
  e = flag("int.e", "E: hops exceeded"),
  m = flag("int.m", "M: MTU exceeded"),
  hopml = u8("int.hop_ml", "Words of a hop"),
  rhc = u8("int.remaining_hops", "Remaining hops"),
  bitmap = ProtoField.uint16("int.bitmap", "Instruction bitmap", base.HEX),
  domain = ProtoField.uint16("int.domain", "Domain", base.HEX),
  ds = ProtoField.uint16("int.ds_instruction", "DS instruction", base.HEX),
  dsflags = ProtoField.uint16("int.ds_flags", "DS flags", base.HEX),
  source = ProtoField.bytes("int.source_only", "Data of the source alone"),
}
-- What a hop records; the same names follow `trpt.` in reports.
local function hop_fields(prefix)
  return {
    node = u32(prefix .. ".node_id", "Node"),
    ingress = u16(prefix .. ".ingress", "Ingress interface"),
    egress = u16(prefix .. ".egress", "Egress interface"),
    latency = u32(prefix .. ".latency", "Hop latency [ns]"),
    queue = u8(prefix .. ".queue", "Queue"),
    occupancy = u24(prefix .. ".occupancy", "Queue occupancy [bytes]"),
    arrival = u64(prefix .. ".ingress_time", "Ingress timestamp [ns]"),
    departure = u64(prefix .. ".egress_time", "Egress timestamp [ns]"),
    l2ingress = u32(prefix .. ".l2_ingress", "Level 2 ingress interface"),
    l2egress = u32(prefix .. ".l2_egress", "Level 2 egress interface"),
    utilisation = u32(prefix .. ".utilisation", "Egress utilisation [millionths]"),
    buffer = u8(prefix .. ".buffer", "Buffer"),
    filled = u24(prefix .. ".buffer_occupancy", "Buffer occupancy"),
    reserved = ProtoField.uint32(prefix .. ".reserved", "Reserved", base.HEX),
    ds = ProtoField.uint32(prefix .. ".ds", "Domain word", base.HEX),
    complement = ProtoField.uint32(prefix .. ".complement", "Checksum complement", base.HEX),
  }
end
local h = hop_fields("int.hop")
local r = hop_fields("trpt")
local t = {
  version = u8("trpt.version", "Version"),
  hardware = u8("trpt.hw_id", "Hardware"),
  sequence = u32("trpt.sequence", "Sequence number"),
  node_of_group = u32("trpt.group_node", "Node"),
  kind = u8("trpt.type", "Report type", { [0] = "inner only", [1] = "INT", [2] = "IOAM" }),
  inner = u8("trpt.inner", "Inner type", { [0] = "none", [1] = "TLV", [2] = "DS extension", [3] = "Ethernet",
    [4] = "IPv4", [5] = "IPv6" }),
  length = u8("trpt.length", "Words behind the first"),
  mdlength = u8("trpt.md_length", "Words of metadata"),
  d = flag("trpt.d", "D: dropped"),
  q = flag("trpt.q", "Q: congested queue"),
  tracked = flag("trpt.f", "F: tracked flow"),
  i = flag("trpt.i", "I: intermediate"),
  bits = ProtoField.uint16("trpt.md_bits", "Metadata bits", base.HEX),
  domain = ProtoField.uint16("trpt.domain", "Domain", base.HEX),
  dsbits = ProtoField.uint16("trpt.ds_bits", "DS metadata bits", base.HEX),
  dsstatus = ProtoField.uint16("trpt.ds_status", "DS metadata status", base.HEX),
  dropqueue = u8("trpt.drop_queue", "Queue"),
  reason = u8("trpt.drop_reason", "Drop reason"),
}
local function list(...)
  local all = {}
  for _, fields in ipairs({ ... }) do
    for _, field in pairs(fields) do all[#all + 1] = field end
  end
  return all
end
int.fields = list(f, h)
trpt.fields = list(t, r)

local broken = ProtoExpert.new("int.broken", "INT contradicts itself", expert.group.MALFORMED, expert.severity.ERROR)
int.experts = { broken }

local function bit(value, mask) return bit32.band(value, mask) ~= 0 end

-- Adds what one hop records, bits 0 to 8 and the reserved ones; returns where that ends.
local function add_metadata(tree, fields, tvb, offset, bitmap)
  if bit(bitmap, 0x8000) then
    tree:add(fields.node, tvb(offset, 4))
    offset = offset + 4
  end
  if bit(bitmap, 0x4000) then
    tree:add(fields.ingress, tvb(offset, 2))
    tree:add(fields.egress, tvb(offset + 2, 2))
    offset = offset + 4
  end
  if bit(bitmap, 0x2000) then
    tree:add(fields.latency, tvb(offset, 4))
    offset = offset + 4
  end
  if bit(bitmap, 0x1000) then
    tree:add(fields.queue, tvb(offset, 1))
    tree:add(fields.occupancy, tvb(offset + 1, 3))
    offset = offset + 4
  end
  if bit(bitmap, 0x0800) then
    tree:add(fields.arrival, tvb(offset, 8))
    offset = offset + 8
  end
  if bit(bitmap, 0x0400) then
    tree:add(fields.departure, tvb(offset, 8))
    offset = offset + 8
  end
  if bit(bitmap, 0x0200) then
    tree:add(fields.l2ingress, tvb(offset, 4))
    tree:add(fields.l2egress, tvb(offset + 4, 4))
    offset = offset + 8
  end
  if bit(bitmap, 0x0100) then
    tree:add(fields.utilisation, tvb(offset, 4))
    offset = offset + 4
  end
  if bit(bitmap, 0x0080) then
    tree:add(fields.buffer, tvb(offset, 1))
    tree:add(fields.filled, tvb(offset + 1, 3))
    offset = offset + 4
  end
  for _, mask in ipairs({ 0x0040, 0x0020, 0x0010, 0x0008, 0x0004, 0x0002 }) do
    if bit(bitmap, mask) then
      tree:add(fields.reserved, tvb(offset, 4))
      offset = offset + 4
    end
  end
  return offset
end

local function words(bitmap)
  local count = 0
  for place = 0, 15 do
    if bit(bitmap, bit32.lshift(1, place)) then count = count + ((place >= 9 and place <= 11) and 2 or 1) end
  end
  return count
end

-- Dissects shim, header and stack at the start of a buffer; returns how long they are, or nil if they are broken.
local function dissect_int(tvb, pinfo, root)
  if tvb:len() < 4 then return nil end
  local length = tvb(1, 1):uint() * 4
  local kind = tvb(0, 1):bitfield(0, 4)
  local npt = tvb(0, 1):bitfield(4, 2)
  if tvb:len() < 4 + length then return nil end
  local tree = root:add(int, tvb(0, 4 + length))
  tree:add(f.kind, tvb(0, 1), kind)
  tree:add(f.npt, tvb(0, 1), npt)
  tree:add(f.length, tvb(1, 1))
  if npt == 1 then
    tree:add(f.port, tvb(2, 2))
  elseif npt == 2 then
    tree:add(f.protocol, tvb(3, 1))
  else
    tree:add(f.dscp, tvb(3, 1), tvb(3, 1):bitfield(0, 6))
  end
  if kind == 2 then return 4 + length, npt end
  if length < 12 then
    tree:add_proto_expert_info(broken)
    return 4 + length, npt
  end
  local bitmap = tvb(8, 2):uint()
  local hop_words = tvb(6, 1):bitfield(3, 5)
  tree:add(f.version, tvb(4, 1), tvb(4, 1):bitfield(0, 4))
  tree:add(f.d, tvb(4, 1), tvb(4, 1):bitfield(4, 1))
  if kind == 1 then
    tree:add(f.e, tvb(4, 1), tvb(4, 1):bitfield(5, 1))
    tree:add(f.m, tvb(4, 1), tvb(4, 1):bitfield(6, 1))
    tree:add(f.hopml, tvb(6, 1), hop_words)
    tree:add(f.rhc, tvb(7, 1))
  end
  tree:add(f.bitmap, tvb(8, 2))
  tree:add(f.domain, tvb(10, 2))
  tree:add(f.ds, tvb(12, 2))
  tree:add(f.dsflags, tvb(14, 2))
  if kind ~= 1 then return 4 + length, npt end
  local offset, last = 16, 4 + length
  if words(bitmap) > hop_words then
    tree:add_proto_expert_info(broken)
    return last, npt
  end
  local number = 0
  while hop_words > 0 and offset + hop_words * 4 <= last do
    local hop = tree:add(int, tvb(offset, hop_words * 4), "Hop " .. number .. (number == 0 and " (newest)" or ""))
    local behind = offset + hop_words * 4
    local place = add_metadata(hop, h, tvb, offset, bitmap)
    local stop = bit(bitmap, 0x0001) and behind - 4 or behind
    while place < stop do
      hop:add(h.ds, tvb(place, 4))
      place = place + 4
    end
    if bit(bitmap, 0x0001) then hop:add(h.complement, tvb(stop, 4)) end
    offset = behind
    number = number + 1
  end
  if offset < last then tree:add(f.source, tvb(offset, last - offset)) end
  return last, npt
end

function int.dissector(tvb, pinfo, root)
  local length, npt = dissect_int(tvb, pinfo, root)
  if length == nil then return 0 end
  pinfo.cols.protocol = "INT"
  if length >= tvb:len() then return end
  local rest = tvb(length):tvb()
  if npt == 1 then
    local original = tvb(2, 2):uint()
    local found = DissectorTable.get("udp.port"):get_dissector(original)
    if found then found:call(rest, pinfo, root) end
  elseif npt == 2 then
    local found = DissectorTable.get("ip.proto"):get_dissector(tvb(3, 1):uint())
    if found then found:call(rest, pinfo, root) end
  end
end

-- INT that a DSCP announces lies in front of the payload of UDP or TCP.
local by_dscp = Proto("int_dscp", "INT announced by DSCP")
local dscp4, dscp6 = Field.new("ip.dsfield.dscp"), Field.new("ipv6.tclass.dscp")
local udp_payload, tcp_payload = Field.new("udp.payload"), Field.new("tcp.payload")
function by_dscp.dissector(tvb, pinfo, root)
  local code = dscp4() or dscp6()
  if code == nil or code.value ~= int.prefs.dscp then return end
  local payload = udp_payload() or tcp_payload()
  if payload == nil or payload.range:len() < 4 then return end
  if payload.range(0, 1):bitfield(4, 2) ~= 0 then return end
  dissect_int(payload.range:tvb(), pinfo, root)
end
register_postdissector(by_dscp)

-- Dissects one report at the start of a buffer; returns how long it is.
local function dissect_report(tvb, pinfo, root)
  if tvb:len() < 4 then return nil end
  local claimed = tvb(1, 1):uint()
  local length = claimed == 255 and tvb:len() or 4 + claimed * 4
  if length > tvb:len() then return nil end
  local tree = root:add(trpt, tvb(0, length), "Report")
  local kind, inner = tvb(0, 1):bitfield(0, 4), tvb(0, 1):bitfield(4, 4)
  tree:add(t.kind, tvb(0, 1), kind)
  tree:add(t.inner, tvb(0, 1), inner)
  tree:add(t.length, tvb(1, 1))
  tree:add(t.mdlength, tvb(2, 1))
  tree:add(t.d, tvb(3, 1), tvb(3, 1):bitfield(0, 1))
  tree:add(t.q, tvb(3, 1), tvb(3, 1):bitfield(1, 1))
  tree:add(t.tracked, tvb(3, 1), tvb(3, 1):bitfield(2, 1))
  tree:add(t.i, tvb(3, 1), tvb(3, 1):bitfield(3, 1))
  local offset = 4
  if kind == 1 then
    local metadata = tvb(2, 1):uint() * 4
    if 12 + metadata > length then return nil end
    local bits = tvb(4, 2):uint()
    tree:add(t.bits, tvb(4, 2))
    tree:add(t.domain, tvb(6, 2))
    tree:add(t.dsbits, tvb(8, 2))
    tree:add(t.dsstatus, tvb(10, 2))
    local stop = 12 + metadata
    if words(bit32.band(bits, 0x7FFF)) * 4 > metadata then return nil end
    offset = add_metadata(tree, r, tvb, 12, bit32.band(bits, 0x7FFF))
    if bit(bits, 0x0001) then
      tree:add(t.dropqueue, tvb(offset, 1))
      tree:add(t.reason, tvb(offset + 1, 1))
      offset = offset + 4
    end
    while offset < stop do
      tree:add(r.ds, tvb(offset, 4))
      offset = offset + 4
    end
  end
  if inner == 3 and length > offset then
    Dissector.get("eth_withoutfcs"):call(tvb(offset, length - offset):tvb(), pinfo, tree)
  end
  return length
end

function trpt.dissector(tvb, pinfo, root)
  if tvb:len() < 8 or tvb(0, 1):bitfield(0, 4) ~= 2 then return 0 end
  local tree = root:add(trpt, tvb())
  tree:add(t.version, tvb(0, 1), tvb(0, 1):bitfield(0, 4))
  tree:add(t.hardware, tvb(0, 2), tvb(0, 2):bitfield(4, 6))
  tree:add(t.sequence, tvb(1, 3), tvb(1, 3):bitfield(2, 22))
  tree:add(t.node_of_group, tvb(4, 4))
  local offset = 8
  while offset < tvb:len() do
    local length = dissect_report(tvb(offset):tvb(), pinfo, tree)
    if length == nil then break end
    offset = offset + length
  end
  pinfo.cols.protocol = "TRPT"
end

local udp = DissectorTable.get("udp.port")
local int_port, trpt_port = int.prefs.port, trpt.prefs.port
udp:add(int_port, int)
udp:add(trpt_port, trpt)
function int.prefs_changed()
  udp:remove(int_port, int)
  int_port = int.prefs.port
  udp:add(int_port, int)
end
function trpt.prefs_changed()
  udp:remove(trpt_port, trpt)
  trpt_port = trpt.prefs.port
  udp:add(trpt_port, trpt)
end
