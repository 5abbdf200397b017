#include "include/CShims.h"

#include <errno.h>
#include <stdio_ext.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BUFFER = 1 << 16 };

// Each file belongs to one thread: stdio's locks would cost as much as the reading and writing.
static void make_fast(FILE *file) {
  setvbuf(file, NULL, _IOFBF, FILE_BUFFER);
  __fsetlocking(file, FSETLOCKING_BYCALLER);
}

void *pst_capture_open(const char *path, char *message) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    snprintf(message, PCAP_ERRBUF_SIZE, "%s", strerror(errno));
    return NULL;
  }
  make_fast(file);
  pcap_t *capture = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, message);
  if (capture == NULL) fclose(file);
  return capture;
}

void *pst_filter_create(void *capture, const char *expression, char *message) {
  struct bpf_program *program = malloc(sizeof *program);
  if (program == NULL) {
    snprintf(message, PCAP_ERRBUF_SIZE, "%s", strerror(ENOMEM));
  } else if (pcap_compile(capture, program, expression, 1, PCAP_NETMASK_UNKNOWN) != 0) {
    snprintf(message, PCAP_ERRBUF_SIZE, "%s", pcap_geterr(capture));
    free(program);
    program = NULL;
  }
  return program;
}

int pst_filter_matches(const void *filter, const pst_record *record) {
  struct pcap_pkthdr header = {.caplen = record->captured, .len = record->length};
  return pcap_offline_filter(filter, &header, record->bytes) != 0;
}

void pst_filter_free(void *filter) {
  if (filter != NULL) pcap_freecode(filter);
  free(filter);
}

int pst_capture_link_type(void *capture) { return pcap_datalink(capture); }

int pst_capture_next(void *capture, pst_record *record) {
  struct pcap_pkthdr *header;
  const u_char *bytes;
  int result = pcap_next_ex(capture, &header, &bytes);
  if (result == PCAP_ERROR_BREAK) return 0;
  if (result != 1) return -1;
  record->stamp_ns = (uint64_t)header->ts.tv_sec * 1000000000u + (uint64_t)header->ts.tv_usec;
  record->bytes = bytes;
  record->captured = header->caplen;
  record->length = header->len;
  return 1;
}

const char *pst_capture_error(void *capture) { return pcap_geterr(capture); }

void pst_capture_close(void *capture) { pcap_close(capture); }

struct writer {
  pcap_t *capture;
  pcap_dumper_t *dumper;
  FILE *file;
  int error;
};

void *pst_writer_open(const char *path, int snap_length, char *message) {
  struct writer *writer = calloc(1, sizeof *writer);
  if (writer != NULL) writer->file = fopen(path, "wb");
  if (writer == NULL || writer->file == NULL) {
    snprintf(message, PCAP_ERRBUF_SIZE, "%s", strerror(errno));
    free(writer);
    return NULL;
  }
  make_fast(writer->file);
  writer->capture = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, snap_length, PCAP_TSTAMP_PRECISION_NANO);
  writer->dumper = writer->capture == NULL ? NULL : pcap_dump_fopen(writer->capture, writer->file);
  if (writer->dumper == NULL) {
    snprintf(message, PCAP_ERRBUF_SIZE, "%s",
             writer->capture == NULL ? strerror(ENOMEM) : pcap_geterr(writer->capture));
    if (writer->capture != NULL) pcap_close(writer->capture);
    fclose(writer->file);
    free(writer);
    return NULL;
  }
  return writer;
}

void pst_writer_write(void *opaque, uint64_t stamp_ns, const void *bytes, uint32_t captured, uint32_t length) {
  struct writer *writer = opaque;
  struct pcap_pkthdr header = {
      .ts = {.tv_sec = (time_t)(stamp_ns / 1000000000u), .tv_usec = (suseconds_t)(stamp_ns % 1000000000u)},
      .caplen = captured,
      .len = length,
  };
  errno = 0;
  pcap_dump((u_char *)writer->dumper, &header, bytes);
  if (errno != 0 && writer->error == 0 && ferror(writer->file)) writer->error = errno;
}

int pst_writer_error(void *opaque) {
  struct writer *writer = opaque;
  if (writer->error == 0 && ferror(writer->file)) writer->error = EIO;
  return writer->error;
}

int pst_writer_close(void *opaque) {
  struct writer *writer = opaque;
  errno = 0;
  if (pcap_dump_flush(writer->dumper) != 0 && writer->error == 0) writer->error = errno != 0 ? errno : EIO;
  int error = pst_writer_error(writer);
  pcap_dump_close(writer->dumper);
  pcap_close(writer->capture);
  free(writer);
  return error;
}
