#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the seeds of the fuzz targets: small valid files of each format, made from
nothing, into tests/fuzz/corpus/NAME/. Needs numpy, scipy, h5py and netCDF4; neither the
build nor the tests do. Run it again only to add seeds: libraries write their version
into some of these files, so the bytes change with them.

usage: make_seeds.py [CORPUS-FOLDER]
"""

import io
import os
import struct
import sys
import tempfile
import zipfile

import h5py
import netCDF4
import numpy as np
import scipy.io
import scipy.sparse

ROOT = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "corpus")


def put(target, name, data):
    folder = os.path.join(ROOT, target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as f:
        f.write(data.encode() if isinstance(data, str) else data)


def made_by(write):
    """Bytes of a file that write(path) makes."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "seed")
        write(path)
        with open(path, "rb") as f:
            return f.read()


def npy(a, fortran=False):
    b = io.BytesIO()
    np.save(b, np.asfortranarray(a) if fortran else a, allow_pickle=True)
    return b.getvalue()


def folder(*pieces):
    """The folder format of reader.h: (name number, content) pairs."""
    return b"".join(struct.pack("<BH", k, len(c)) + c for k, c in pieces)


def wave(*shape):
    return np.sin(np.arange(int(np.prod(shape)), dtype=float)).reshape(shape)


def seeds_npy():
    put("npy", "f8", npy(wave(3, 5)))
    put("npy", "f4_fortran", npy(wave(3, 5).astype("f4"), True))
    put("npy", "big_i2", npy(np.arange(12, dtype=">i2").reshape(2, 6)))
    put("npy", "u8_3d", npy(np.arange(8, dtype="u8").reshape(2, 2, 2)))
    put("npy", "half_bool", npy(wave(2, 3).astype("f2")))
    put("npy", "object", npy(np.array([None, 1], dtype=object)))
    put("npy", "version2", b"\x93NUMPY\x02\x00" + struct.pack("<I", 54)
        + b"{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }"[:53] + b"\n" + bytes(16))
    for mode, name in ((zipfile.ZIP_STORED, "stored"), (zipfile.ZIP_DEFLATED, "deflated")):
        b = io.BytesIO()
        with zipfile.ZipFile(b, "w", mode) as z:
            z.writestr("a.npy", npy(wave(3, 4)))
            z.writestr("b.npy", npy(np.arange(5)))
        put("npz", name, b.getvalue())


def seeds_text():
    put("csv", "time", "time,a,b\n0,1,2\n0.1,3,4\n0.2,5,NaN\n")
    put("csv", "no_header", "1,2,3\n4,5,6\n")
    put("csv", "semicolon", "t;x\r\n0,5;1,25\r\n1;2\r\n")
    put("csv", "quoted", '\ufeff"a, b","c ""d"""\n1,2\n# note\n3,NA\n')
    put("csv", "spikes", "unit,time\n1,0.5\n2,0.25\n1,1.5\n")
    put("csv", "events", "onset\tduration\tlabel\n0\t1\tgo\n2\t1\tstop\n")
    put("options", "source", "\0rate=25\nvar=a.b{3}\nstrict=yes\naxes=neuron,time\n")
    put("options", "save", "\1compress=4\nforce=1\ncommand=x y\n")
    put("options", "other", "\2seed=12\nbin=0.02\n")


def seeds_folders():
    f, n = npy(wave(3, 8).astype("f4")), npy(wave(3, 8).astype("f4") * 0.5)
    iscell = npy(np.array([[1, 0.9], [0, 0.1], [1, 0.8]]))
    ops = npy(np.array({"fs": 29.97, "tau": 0.7, "neucoeff": 0.7, "nplanes": 1}))
    settings = npy(np.array({"run": {"x": 1}, "fs": 10.0, "tau": 1}))
    put("suite2p", "plane", folder((0, f), (1, n), (2, f), (3, iscell), (5, ops)))
    put("suite2p", "settings", folder((0, f), (6, settings)))
    put("suite2p", "no_rate", folder((0, f), (1, n)))
    times = npy(np.array([[3], [5], [9], [40], [41]], dtype="u8"))
    clusters = npy(np.array([1, 2, 1, 7, 2], dtype="i4"))
    params = b"dat_path = 'x.dat'\nn_channels_dat = 4\nsample_rate = 30000.\noffset = 0"
    group = b"cluster_id\tgroup\n1\tgood\n2\tmua\n7\tnoise\n"
    info = b"cluster_id\tch\tdepth\tgroup\tn_spikes\n1\t3\t20.0\tgood\t2\n"
    put("phy", "usual", folder((0, times), (1, clusters), (3, params), (4, group)))
    put("phy", "raw", folder((0, npy(np.arange(5))), (2, clusters), (3, params),
                             (5, b"cluster_id\tKSLabel\n1\tgood\n"), (6, info)))
    put("alf", "usual", folder((0, npy(np.array([0.1, 0.2, 0.4]))),
                               (1, npy(np.array([0, 1, 0], dtype="u4")))))
    times = lambda kind, *t: b"".join(struct.pack(kind, x) for x in t)
    note = b"%%BEGINHEADER\n% Time of spiking stored in timestamps (tenths of msecs)\n%%ENDHEADER\n"
    put("mclust", "usual", folder((0, note + times(">I", 10, 20, 35)), (1, note + times(">I", 7))))
    put("mclust", "wide", folder((2, note + times(">Q", 10, 20)), (3, note + times(">I", 1))))
    xml = b"<parameters><samplingRate>20000</samplingRate></parameters>"
    put("neurosuite", "usual", folder((0, b"10\n20\n35\n"), (1, b"2\n0\n2\n2\n"),
                                      (2, b"5\n"), (3, b"1\n3\n"), (4, xml)))
    head = (b"Brain Vision Data Exchange Header File Version 1.0\n\n[Common Infos]\n"
            b"Codepage=UTF-8\nDataFile=test.eeg\nMarkerFile=test.vmrk\n"
            b"DataFormat=BINARY\nDataOrientation=%s\nNumberOfChannels=2\n"
            b"SamplingInterval=1000\n\n[Binary Infos]\nBinaryFormat=%s\n\n"
            b"[Channel Infos]\nCh1=Fp1,,0.5,uV\nCh2=a\\1b,Cz,1,uV\n")
    marks = (b"Brain Vision Data Exchange Marker File, Version 1.0\n[Marker Infos]\n"
             b"Mk1=New Segment,,1,1,0,20131113161403794232\nMk2=Stimulus,S 1,3,1,0\n")
    data = np.arange(16, dtype="<i2").tobytes()
    put("brainvision", "int16", folder((0, head % (b"MULTIPLEXED", b"INT_16")), (1, marks),
                                       (2, data)))
    put("brainvision", "float", folder((0, head % (b"VECTORIZED", b"IEEE_FLOAT_32")),
                                       (2, data)))


def mat4(name, a, kind=0, swap=False):
    code = {"float64": 0, "float32": 10, "int32": 20, "int16": 30, "uint8": 50}[a.dtype.name]
    head = struct.pack(">5i" if swap else "<5i", code + kind + (1000 if swap else 0),
                       a.shape[0], a.shape[1], 0, len(name) + 1)
    body = a.astype(a.dtype.newbyteorder(">" if swap else "<")).tobytes(order="F")
    return head + name.encode() + b"\0" + body


def matlab_class(o, kind):
    """MATLAB terminates the string, which h5py would only pad."""
    t = h5py.h5t.C_S1.copy()
    t.set_size(len(kind) + 1)
    a = h5py.h5a.create(o.id, b"MATLAB_class", t, h5py.h5s.create(h5py.h5s.SCALAR))
    a.write(np.array(kind.encode() + b"\0", dtype="S%d" % (len(kind) + 1)))


def mat73(path):
    with h5py.File(path, "w", userblock_size=512, libver="earliest") as f:
        def array(parent, name, a, kind, **attrs):
            d = parent.create_dataset(name, data=a)
            matlab_class(d, kind)
            for k, v in attrs.items():
                d.attrs[k] = v
            return d

        refs = f.create_group("#refs#")
        array(f, "x", wave(4, 3), "double")
        array(f, "none", np.array([0, 0], dtype="u8"), "double", MATLAB_empty=np.uint8(1))
        array(f, "text", np.frombuffer("hello".encode("utf-16le"), "u2").reshape(5, 1), "char",
              MATLAB_int_decode=np.int32(2))
        cells = [array(refs, "a", wave(3, 1), "double"), array(refs, "b", wave(2, 1), "double")]
        for d, name in ((f, "c"),):
            c = d.create_dataset(name, (2, 1), dtype=h5py.ref_dtype)
            c[0, 0], c[1, 0] = cells[0].ref, cells[1].ref
            matlab_class(c, "cell")
        s = f.create_group("spikes")
        matlab_class(s, "struct")
        t = s.create_dataset("times", (2, 1), dtype=h5py.ref_dtype)
        t[0, 0], t[1, 0] = cells[0].ref, cells[1].ref
        matlab_class(t, "cell")
        array(s, "UID", np.array([[1.0], [2.0]]), "double")
        names = np.empty(2, dtype=object)
        names[:] = [np.array([c.encode() for c in n], "S1") for n in ("times", "UID")]
        s.attrs.create("MATLAB_fields", names, dtype=h5py.vlen_dtype(np.dtype("S1")))
        m = f.create_group("sparse")
        matlab_class(m, "double")
        m.attrs["MATLAB_sparse"] = np.uint64(4)
        m["jc"] = np.array([0, 1, 2], dtype="u8")
        m["ir"] = np.array([1, 3], dtype="u8")
        m["data"] = np.array([0.5, 2.0])
    with open(path, "r+b") as f:
        f.write(b"MATLAB 7.3 MAT-file".ljust(116) + bytes(8) + b"\x00\x02IM")


def seeds_mat():
    variables = {
        "x": wave(3, 4), "u": np.arange(6, dtype="u1").reshape(2, 3), "one": 7.0,
        "s": {"times": np.array([np.arange(3.0), np.arange(2.0)], dtype=object), "UID": [3, 4],
              "sr": 20000.0, "note": "text"},
        "sp": scipy.sparse.csc_matrix(np.diag([1.0, 0, 3])), "z": wave(2, 2) * 1j,
        "b": np.array([[True, False]]), "d3": wave(2, 3, 2),
        "a": np.array([(1.5, "x"), (wave(2), "yy")], dtype=[("p", object), ("q", object)]),
    }
    for packed in (False, True):
        put("mat", "v7" if packed else "v6", made_by(
            lambda p: scipy.io.savemat(p, variables, appendmat=False, do_compression=packed)))
    put("mat", "small", made_by(
        lambda p: scipy.io.savemat(p, {"x": wave(2, 3)}, appendmat=False)))
    put("mat", "v4", mat4("x", wave(2, 3)) + mat4("i", np.arange(4, dtype="int16").reshape(2, 2)))
    put("mat", "v4_big", mat4("x", wave(2, 3), swap=True))
    put("mat", "v73", made_by(mat73))
    # Big-endian level 5, by hand: one 2 x 2 double.
    body = (struct.pack(">IIII", 6, 8, 6, 0) + struct.pack(">IIii", 5, 8, 2, 2)
            + struct.pack(">HH", 1, 1)[2:] * 0 + struct.pack(">I", (1 << 16) | 1) + b"x\0\0\0"
            + struct.pack(">II4d", 9, 32, 1, 2, 3, 4))
    put("mat", "v5_big", b"MATLAB 5.0 MAT-file".ljust(124) + b"\x01\x00MI"
        + struct.pack(">II", 14, len(body)) + body)


def edf(signals, n_records, duration, reserved=b"", records=b"", bdf=False):
    n = len(signals)
    field = lambda k, w: b"".join(str(s[k]).encode().ljust(w)[:w] for s in signals)
    head = (b"\xffBIOSEMI" if bdf else b"0       ") + b"X X X X".ljust(80)
    head += b"Startdate 02-MAR-2002 X X X".ljust(80) + b"02.03.02" + b"10.11.12"
    head += str(256 * (n + 1)).encode().ljust(8) + reserved.ljust(44)
    head += str(n_records).encode().ljust(8) + str(duration).encode().ljust(8)
    head += str(n).encode().ljust(4)
    head += field(0, 16) + b" " * 80 * n + field(1, 8) + field(2, 8) + field(3, 8)
    head += field(4, 8) + field(5, 8) + b" " * 80 * n + field(6, 8) + b" " * 32 * n
    return head + records


def seeds_edf():
    a = ("EEG Fp1", "uV", -100, 100, -2048, 2047, 4)
    b = ("ECG", "mV", -5, 5, -32768, 32767, 2)
    note = ("EDF Annotations", "", -1, 1, -32768, 32767, 20)
    rec = np.arange(6, dtype="<i2").tobytes()
    put("edf", "edf", edf([a, b], 2, 1, records=rec * 2))
    put("edf", "unfinished", edf([a, b], -1, 1, records=rec * 2))

    def tal(onset, extra=b""):
        return (b"+%s\x14\x14\0%s" % (onset, extra)).ljust(40, b"\0")

    plus = (rec[:8] + tal(b"0", b"+0.25\x150.5\x14go\x14\0")) + (rec[:8] + tal(b"1"))
    put("edf", "edf_plus", edf([a, note], 2, 1, b"EDF+C", plus))
    put("edf", "edf_gaps", edf([a, note], 2, 1, b"EDF+D", plus.replace(b"+1\x14", b"+7\x14")))
    c = ("Status", "uV", -8388608, 8388607, -8388608, 8388607, 2)
    put("edf", "bdf", edf([c], 2, "0.5", b"24BIT", bytes(range(12)), bdf=True))


def nwb(path):
    with h5py.File(path, "w", libver="earliest") as f:
        text = lambda o, **kw: [o.attrs.__setitem__(k, v) for k, v in kw.items()]
        text(f, nwb_version="2.5.0", neurodata_type="NWBFile", namespace="core")
        f["session_start_time"] = "2020-01-01T00:00:00+00:00"
        f["timestamps_reference_time"] = "2020-01-01T00:00:00+00:00"
        f["identifier"] = "x"

        def series(path, kind, data, rate=None, stamps=None):
            g = f.create_group(path)
            text(g, neurodata_type=kind, namespace="core")
            d = g.create_dataset("data", data=data)
            text(d, unit="n.a.", conversion=np.float32(0.5), resolution=np.float32(-1))
            if rate:
                g["starting_time"] = 1.5
                text(g["starting_time"], rate=np.float32(rate), unit="seconds")
            else:
                g["timestamps"] = stamps
                text(g["timestamps"], unit="seconds", interval=np.int32(1))
            return g

        ps = f.create_group("processing/ophys/ImageSegmentation/PlaneSegmentation")
        text(ps, neurodata_type="PlaneSegmentation", colnames=np.array(["Accepted"], "S"))
        ps["id"] = np.arange(3)
        ps["Accepted"] = np.array([1, 0, 1], dtype="i1")
        text(f["processing/ophys/ImageSegmentation"], neurodata_type="ImageSegmentation")
        r = series("processing/ophys/DfOverF/RoiResponseSeries", "RoiResponseSeries",
                   wave(6, 3).astype("f4"), 10.0)
        text(f["processing/ophys/DfOverF"], neurodata_type="DfOverF")
        r["rois"] = np.arange(3)
        text(r["rois"], neurodata_type="DynamicTableRegion", table=ps.ref)
        series("acquisition/lfp", "ElectricalSeries", np.arange(8, dtype="i2").reshape(4, 2),
               stamps=np.array([0, 0.1, 0.2, 0.5]))
        u = f.create_group("units")
        text(u, neurodata_type="Units", colnames=np.array(["spike_times", "quality"], "S"))
        u["id"] = np.arange(2)
        u["spike_times"] = np.array([0.1, 0.5, 0.2])
        u["spike_times_index"] = np.array([2, 3], dtype="u1")
        u["quality"] = np.array(["good", "mua"], dtype=h5py.string_dtype())
        t = f.create_group("intervals/trials")
        text(t, neurodata_type="TimeIntervals", colnames=np.array(["start_time", "stop_time"], "S"))
        t["id"] = np.arange(2)
        t["start_time"] = np.array([0.0, 1.0])
        t["stop_time"] = np.array([0.5, 1.5])


def caiman(path):
    with h5py.File(path, "w", libver="earliest") as f:
        e = f.create_group("estimates")
        e["C"] = wave(3, 8)
        e["F_dff"] = wave(3, 8)
        e["S"] = "NoneType"
        e["idx_components"] = np.array([0, 2])
        e["SNR_comp"] = np.array([2.0, 3.0, 1.0])
        a = e.create_group("A")
        a["data"], a["indices"] = np.ones(3), np.arange(3, dtype="i4")
        a["indptr"], a["shape"] = np.arange(4, dtype="i4"), np.array([4, 3])
        f["params/data/fr"] = np.int32(30)
        f["params/data/decay_time"] = 0.4
        f["dims"] = np.array([2, 2])


def plain_hdf5(path):
    with h5py.File(path, "w", libver="earliest") as f:
        f["a"] = wave(4, 3)
        f.create_dataset("g/b", data=np.arange(40, dtype="i4").reshape(10, 4), chunks=(5, 4),
                         compression=1, shuffle=True)
        f["g/loop"] = h5py.SoftLink("/g")
        f["far"] = h5py.ExternalLink("other.h5", "/x")
        f["names"] = np.array(["p", "q"], dtype=h5py.string_dtype())


def netcdf(path, kind):
    with netCDF4.Dataset(path, "w", format=kind) as d:
        d.createDimension("time", 6)
        d.createDimension("neuron", 3)
        t = d.createVariable("time", "f8", ("time",))
        t.units, t[:] = "s", np.arange(6) / 10
        v = d.createVariable("dff", "i2", ("time", "neuron"), fill_value=-99)
        v.units, v.long_name, v.scale_factor, v.add_offset = "1", "dF/F", 0.5, 1.0
        v.set_auto_maskandscale(False)
        v[:] = np.arange(18).reshape(6, 3)
        n = d.createVariable("row_size", "i4", ("neuron",))
        n.sample_dimension = "spike"
        n[:] = [2, 0, 1]
        d.createDimension("spike", 3)
        s = d.createVariable("spike_times", "f8", ("spike",))
        s.units, s[:] = "s", [0.1, 0.3, 0.2]
        d.Conventions, d.sampling_rate = "CF-1.8", 10.0
        if kind == "NETCDF4":
            names = d.createVariable("neuron_id", str, ("neuron",))
            for i in range(3):
                names[i] = "n%d" % i
            d.createGroup("g").title = "group"


def native(path):
    """By hand what `neuraxis convert` writes, as neuraxis-file(5) has it. The other seed,
    csv_time, is `neuraxis convert --no-history corpus/csv/time -o csv_time`."""
    with netCDF4.Dataset(path, "w", format="NETCDF4") as d:
        d.neuraxis_format = np.int32(1)
        d.createDimension("time", 6)
        d.createDimension("neuron", 3)
        d.createDimension("spike", 3)
        t = d.createVariable("time", "f8", ("time",))
        t.neuraxis_kind, t.units, t.axis, t.start, t.rate = "axis", "s", "T", 0.0, 10.0
        t[:] = np.arange(6) / 10
        v = d.createVariable("dff", "f8", ("time", "neuron"), fill_value=np.nan)
        v.neuraxis_kind, v.axes, v.units, v.long_name = "array", "neuron time", "1", "dF/F"
        v[:] = wave(6, 3)


def main():
    seeds_npy()
    seeds_text()
    seeds_folders()
    seeds_mat()
    seeds_edf()
    put("nwb", "small", made_by(nwb))
    put("caiman", "small", made_by(caiman))
    put("hdf5", "small", made_by(plain_hdf5))
    put("native", "small", made_by(native))
    for kind in ("NETCDF3_CLASSIC", "NETCDF3_64BIT_OFFSET", "NETCDF3_64BIT_DATA", "NETCDF4"):
        put("netcdf", kind.lower(), made_by(lambda p: netcdf(p, kind)))
    # Recognition: one of each kind, and things that are none.
    for target, name in (("npy", "f8"), ("mat", "v6"), ("mat", "v4"), ("csv", "time"),
                         ("edf", "edf"), ("netcdf", "netcdf3_classic"), ("npz", "stored")):
        with open(os.path.join(ROOT, target, name), "rb") as f:
            put("any", target + "_" + name, f.read())
    put("any", "lfs", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
    put("any", "html", "<!DOCTYPE html><html></html>\n")


main()
